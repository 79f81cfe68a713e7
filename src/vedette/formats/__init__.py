"""Parsers of the formats that senders use: bytes or text in, table rows out; pure, no I/O."""
