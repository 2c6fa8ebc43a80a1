"""A Bot API server on loopback: what a stock bot talks to in the demo and in tests."""
