"""Fixtures that every room's tests may ask for, and what must hold of a run as a whole."""

import os
import signal
from collections.abc import Generator

import pytest

import bot.models  # noqa: F401 - before any test imports aiogram, as in the product
from deadair.garbage import collect_less_often
from tests.support import warm
from tests.support.logs import log_plainly
from tests.support.shared import SHARED
from tests.support.stores import copied, engine_name, filled_by, postgres, store, store_url

__all__ = ["copied", "engine_name", "filled_by", "postgres", "store", "store_url"]


def pytest_configure() -> None:
    log_plainly()
    warm.prepare()
    # A shell starts what runs behind it deaf to ^C, and so would be all that tests start and stop by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """All modules and tests are there to stay: to look through them again and again finds nothing."""
    collect_less_often()


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One worker more than processors: for a quarter of their time tests wait for other programs."""
    found = yield
    return found if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else found + 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where continuous integration runs, a test may skip only for data that is not part of the project."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI"):
        return
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if SHARED not in reason:
            reporter.write_line(f"skipped where nothing may skip: {report.nodeid}: {reason}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
