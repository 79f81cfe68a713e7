"""What each engine's SQL says differently."""
