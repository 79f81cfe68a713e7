"""Who may do what: tenants, principals, tokens, roles, workspaces."""
