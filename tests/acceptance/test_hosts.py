"""Deadair on two hosts that share a PostgreSQL: whatever befalls one, nothing is lost, nothing doubled, and
nobody writes late. The long form is `make soak ARGS="hosts"`.
"""

from pathlib import Path

import pytest

from tests.soak.hosts import CUT, KILL, PAUSE, RESTART, Hosts
from tests.support.postgres import running_postgres


@pytest.mark.postgres
@pytest.mark.timeout(900)
async def test_two_hosts_lose_and_double_nothing_whatever_befalls_one(tmp_path: Path) -> None:
    """One process killed, one paused and woken, the database restarted, a host cut off from it."""
    try:
        with running_postgres() as server:
            groups = (("collector",), ("reader", "indexer", "alerts", "bot"))
            run = Hosts(tmp_path, server, hosts=2, groups=groups, seed=20310301)
            befell = await run.run([KILL, PAUSE, RESTART, CUT])
    except LookupError as reason:
        pytest.skip(str(reason))
    assert set(befell) == {KILL, PAUSE, RESTART, CUT}
