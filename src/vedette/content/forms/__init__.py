"""The forms in which files have content, each read into items and, where it is one of ours, written from them."""
