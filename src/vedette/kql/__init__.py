"""KQL: text to typed plan; pure, with no I/O and no SQL."""
