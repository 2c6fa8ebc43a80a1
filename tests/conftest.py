"""Fixtures that every room's tests may ask for."""

from tests.support.stores import engine_name, postgres, store, store_url

__all__ = ["engine_name", "postgres", "store", "store_url"]
