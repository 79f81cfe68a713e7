"""One module a noun; each loads its libraries when it runs."""
