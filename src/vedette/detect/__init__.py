"""Rules to alerts to incidents."""
