"""Runs SQL within limits and stores log rows; the only layer that talks to a database engine for logs."""
