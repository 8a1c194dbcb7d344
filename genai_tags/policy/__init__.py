"""Policy packs, and what they say about a tag in a use."""
