"""Room is told of early, while there is still time to do something."""

import pytest

from deadair.retention.config import RetentionConfig
from deadair.retention.room import Room, judge_room
from domain.check import Level

GB = 10**9
ROOM = Room(archive=3 * GB, files=4 * GB, backups=1 * GB, free=100 * GB)


@pytest.mark.parametrize(
    ("quota", "level"),
    [("0B", Level.WELL), ("11GB", Level.WELL), ("10GB", Level.NOTE), ("8GB", Level.WRONG)],
)
def test_the_quota_is_of_archive_files_and_backups_together(quota: str, level: Level) -> None:
    check = judge_room(ROOM, RetentionConfig.model_validate({"quota": quota}))
    assert (check.of, check.level) == ("room", level)
    assert "archive 3.0 GB, files 4.0 GB, backups 1.0 GB, 100.0 GB free" in check.what


@pytest.mark.parametrize(
    ("free", "level"), [(2 * GB, Level.WELL), (GB, Level.NOTE), (4 * 10**8, Level.WRONG)]
)
def test_a_disk_that_runs_full_is_told_whatever_the_quota(free: int, level: Level) -> None:
    room = Room(archive=3 * GB, files=0, backups=0, free=free)
    assert judge_room(room, RetentionConfig()).level is level


def test_of_a_database_elsewhere_the_rest_is_told() -> None:
    room = Room(archive=None, files=4 * GB, backups=0, free=None)
    check = judge_room(room, RetentionConfig.model_validate({"quota": "4GB"}))
    assert (check.level, check.what.startswith("100% of the quota of 4GB are taken")) == (Level.WRONG, True)
