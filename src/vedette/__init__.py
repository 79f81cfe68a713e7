"""Vedette: a self-hosted SIEM that speaks the public APIs of Microsoft Sentinel."""

__version__ = "0.1.0"
