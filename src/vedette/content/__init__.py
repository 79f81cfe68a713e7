"""Content as code: rules, queries, watchlists and the like as files, and as resources of a workspace."""
