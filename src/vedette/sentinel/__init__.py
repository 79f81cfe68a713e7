"""Sentinel's resources, and those around them that its clients read: one module for each noun."""
