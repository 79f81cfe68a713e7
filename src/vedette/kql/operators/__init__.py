"""The tabular operators: how each binds to plan nodes."""
