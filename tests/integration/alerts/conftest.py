"""An engine that has begun, for those who ask for it."""

from tests.support.beginning import begun, filled_by

__all__ = ["begun", "filled_by"]
