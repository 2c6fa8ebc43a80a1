"""Fixtures of the acceptance tests."""

from tests.support.running import telegram

__all__ = ["telegram"]
