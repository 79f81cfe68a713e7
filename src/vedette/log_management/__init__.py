"""What the server writes into log tables of its own account: Usage, Operation, Heartbeat, and queued rows of others."""
