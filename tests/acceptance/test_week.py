"""Days of Deadair on a fast clock, killed, restarted, given other configs, its clock put wrong: archive and
alerts are those of a run that nothing befell. The long form is `make soak ARGS=week`.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.soak.week import Week
from tests.soak.week_events import BAD_EDIT, CLOCK_OFF, CLOCK_RIGHT, EDIT, KILL, RESTART


@pytest.mark.timeout(900)
async def test_whatever_befalls_it_a_day_is_told_as_if_nothing_had(tmp_path: Path) -> None:
    once = dict.fromkeys((KILL, RESTART, EDIT, BAD_EDIT, CLOCK_OFF), 1)
    week = Week(tmp_path, live=timedelta(hours=22), before=timedelta(days=15), n=once, seed=20310303)
    befell = await week.run()
    assert set(befell) == {*once, CLOCK_RIGHT}
