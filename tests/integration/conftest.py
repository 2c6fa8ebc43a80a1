"""Fixtures of the integration tests: each room adds its own imports below."""

from tests.support.telegram import sandbox_clock, telegram, trust_sandbox  # noqa: F401
from tests.support.web import preview  # noqa: F401
