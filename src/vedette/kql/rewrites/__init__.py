"""Plan rewrites, one rule a file."""
