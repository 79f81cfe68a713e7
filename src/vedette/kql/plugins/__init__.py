"""Plugins of `evaluate`: an entry each, put together in `library.py`."""
