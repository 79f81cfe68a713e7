"""Threat intelligence: indicators and other STIX objects from wherever they come, kept, and matched with the logs."""
