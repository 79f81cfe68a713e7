"""The ways in that are not Azure APIs: listeners, and what they hand to the log store."""
