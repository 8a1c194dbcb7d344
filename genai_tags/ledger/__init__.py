"""The book of a show: immutable events, one hash chain per writer, and the state folded from them."""
