"""Octet: eight published sound-generation systems that run, train, are measured and are served in the same way."""

__version__ = "0.1.0"
