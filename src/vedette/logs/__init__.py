"""Log tables: catalog, durable writer, query."""
