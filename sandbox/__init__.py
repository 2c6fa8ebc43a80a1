"""A Telegram on loopback, for the demo and for every integration test."""
