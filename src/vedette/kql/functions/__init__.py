"""The scalar and aggregate functions, each a declarative entry with examples."""
