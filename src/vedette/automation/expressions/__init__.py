"""The expressions of the workflow definition language: text with `@…` in, JSON values out."""
