"""A typed plan to the SQL text of one dialect; pure."""
