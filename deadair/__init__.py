"""Wiring: configuration, commands, and the parts run together."""
