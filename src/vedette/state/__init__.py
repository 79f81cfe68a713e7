"""Documents: small JSON resources with an id, a type, an ETag and times, in a SQL database."""
