"""Alerts and incidents as Microsoft Graph's security API has them, over the documents of the management API."""
