"""The places where a stub rides: one module for each."""
