"""Health is progress: what has not moved for too long is stuck, whatever lives and answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.learning import Learnt
from deadair.health.config import HealthConfig, host_and_port
from deadair.health.judge import is_well, judge
from deadair.health.marks import WAITS
from deadair.health.metrics import exposition
from deadair.health.vitals import Account, Failing, Vitals
from domain.channel import Channel, ChannelStatus
from domain.check import Level

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = HealthConfig()
ALL = ("collector", "reader", "indexer", "alerts", "bot", "jobs")
WELL = Vitals(
    at=NOW,
    channels=(Channel(id=7, title="Falcon", handle="falcon"), Channel(id=8, title="Hawk", handle="hawk")),
    posts=10,
    last_seen_at=NOW - 2 * MINUTE,
    watched_until={7: NOW - MINUTE, 8: NOW - 2 * MINUTE},
    accounts={"main": Account(state="watching", at=NOW - MINUTE)},
    decided_until=NOW - MINUTE,
    polled_at=NOW - MINUTE,
    lived_at=NOW - MINUTE,
)


def found(vitals: Vitals, *, parts: tuple[str, ...] = ALL) -> dict[str, tuple[Level, str]]:
    return {check.of: (check.level, check.what) for check in judge(vitals, LIMITS, parts)}


def test_all_is_well_while_everything_moves() -> None:
    checks = judge(WELL, LIMITS, ALL)
    assert is_well(checks)
    assert {check.level for check in checks} == {Level.WELL}
    assert [c.of for c in checks] == [
        "account main",
        "channels",
        "reader",
        "indexer",
        "alerts",
        "deliveries",
        "bot",
        "jobs",
    ]


@pytest.mark.parametrize(
    ("change", "of", "says"),
    [
        ({"watched_until": {7: NOW - timedelta(hours=1)}}, "channels", "of any channel since 1 h ago"),
        ({"watched_until": {}}, "channels", "nothing was seen of any channel ever"),
        ({"unread": 12, "unread_since": NOW - 6 * MINUTE}, "reader", "12 posts are unread"),
        ({"unindexed": 7, "unindexed_since": NOW - 6 * MINUTE}, "indexer", "7 posts and edits are not"),
        ({"decided_until": NOW - 6 * MINUTE}, "alerts", "decided up to 6 min ago"),
        ({"decided_until": None}, "alerts", "nothing was ever decided"),
        ({"undelivered": 3, "undelivered_since": NOW - 6 * MINUTE}, "deliveries", "3 wait"),
        ({"polled_at": NOW - 4 * MINUTE}, "bot", "heard of Telegram 4 min ago"),
        ({"polled_at": None}, "bot", "never heard"),
        ({"lived_at": NOW - 6 * MINUTE}, "jobs", "alive 6 min ago"),
        ({"lived_at": None}, "jobs", "no sign of life"),
        (
            {"failing": {"retention": Failing(since=NOW - 3 * MINUTE, why="no room")}},
            "jobs",
            "retention fails for 3 min: no room",
        ),
        (
            {"accounts": {"main": Account(state="watching", at=NOW - timedelta(hours=1))}},
            "account main",
            "no sign of life",
        ),
        (
            {"accounts": {"main": Account(state="banned", at=NOW, detail="by Telegram")}},
            "account main",
            "banned",
        ),
    ],
)
def test_what_stands_still_is_wrong(change: dict[str, object], of: str, says: str) -> None:
    level, what = found(replace(WELL, **change))[of]  # type: ignore[arg-type]
    assert level is Level.WRONG
    assert says in what
    assert not is_well(judge(replace(WELL, **change), LIMITS, ALL))  # type: ignore[arg-type]


def test_what_waits_for_something_that_passes_is_noted() -> None:
    """An account that Telegram makes wait, and one channel of many, are no reason to wake anybody."""
    vitals = replace(
        WELL,
        accounts={"main": Account(state="throttled", at=NOW - timedelta(hours=3), detail="getHistory, 4h")},
        watched_until={7: NOW, 8: NOW - timedelta(hours=2)},
    )
    assert found(vitals)["account main"][0] is Level.NOTE
    assert found(vitals)["channels"] == (Level.NOTE, "1 of 2 are not seen now: @hawk")
    assert is_well(judge(vitals, LIMITS, ALL))


def test_a_channel_that_cannot_be_read_is_not_expected_to_be_seen() -> None:
    gone = Channel(id=8, title="Hawk", handle="hawk", status=ChannelStatus.PRIVATE)
    vitals = replace(WELL, channels=(WELL.channels[0], gone), watched_until={7: NOW})
    assert found(vitals)["channels"] == (Level.WELL, "1 are seen")
    nobody = replace(WELL, channels=(), watched_until={})
    assert found(nobody)["channels"][0] is Level.NOTE


def test_only_parts_that_are_meant_to_run_are_judged() -> None:
    assert list(found(replace(WELL, polled_at=None), parts=("reader", "alerts"))) == ["reader", "alerts"]


def test_a_backup_that_was_not_made_is_missed_after_twice_its_time() -> None:
    day = timedelta(days=1)
    for at, level in ((NOW - 1.9 * day, Level.WELL), (NOW - 2.1 * day, Level.WRONG)):
        *_, check = judge(replace(WELL, backed_up_at=at), LIMITS, ALL, backup_every=day)
        assert (check.of, check.level) == ("backup", level)


@pytest.mark.parametrize(
    ("hours", "asked_at", "level"),
    [
        (24, NOW - timedelta(hours=23), Level.NOTE),
        (24, NOW - timedelta(hours=25), Level.WRONG),
        (1, NOW - timedelta(hours=1.9), Level.NOTE),
        (1, NOW - timedelta(hours=2.1), Level.WRONG),
        (24 * 31, NOW - timedelta(hours=25), Level.WRONG),
        (24, None, Level.WRONG),
    ],
)
def test_a_backup_that_was_never_made_is_a_fault_once_the_first_is_overdue(
    hours: int, asked_at: datetime | None, level: Level
) -> None:
    vitals = replace(WELL, backups_asked_at=asked_at)
    *_, check = judge(vitals, LIMITS, ALL, backup_every=timedelta(hours=hours))
    assert (check.of, check.level) == ("backup", level)
    assert check.hint
    every = exposition(vitals, [check]).decode()
    assert ("deadair_backups_asked_timestamp_seconds" in every) is (asked_at is not None)


def test_an_archive_that_was_found_damaged_is_a_fault() -> None:
    looked = replace(WELL, looked_whole_at=NOW - timedelta(hours=2))
    assert found(looked)["archive"] == (Level.WELL, "whole, looked at 2 h ago")
    level, what = found(replace(looked, damage="row 7 missing from index x"))["archive"]
    assert (level, what) == (Level.WRONG, "damaged, looked at 2 h ago: row 7 missing from index x")


def test_metrics_say_what_is_known_and_no_zero_for_what_is_not() -> None:
    text = exposition(WELL, judge(WELL, LIMITS, ALL)).decode()
    assert "deadair_up 1.0" in text
    assert 'deadair_check{check="bot"} 1.0' in text
    assert 'deadair_channel_watched_timestamp_seconds{channel="@falcon"} 1.77236634e+09' in text
    unknown = replace(WELL, decided_until=None, watched_until={7: NOW}, free=None)
    text = exposition(unknown, judge(unknown, LIMITS, ALL)).decode()
    assert "deadair_up 0.0" in text
    assert "deadair_decided_timestamp_seconds" not in text
    assert '"@hawk"' not in text
    assert "deadair_disk_free_bytes" not in text


def test_a_title_cannot_write_a_metric_of_its_own() -> None:
    poison = Channel(id=7, title='x"} 1\ndeadair_up 1\n#', handle=None)
    vitals = replace(WELL, channels=(poison,), watched_until={7: NOW}, polled_at=None)
    lines = exposition(vitals, judge(vitals, LIMITS, ALL)).decode().splitlines()
    assert [line for line in lines if line.startswith("deadair_up ")] == ["deadair_up 0.0"]


@pytest.mark.parametrize(
    ("listen", "place"),
    [("127.0.0.1:9478", ("127.0.0.1", 9478)), ("[::1]:0", ("::1", 0)), ("localhost:80", ("localhost", 80))],
)
def test_a_place_to_listen_at(listen: str, place: tuple[str, int]) -> None:
    assert host_and_port(listen) == place


@pytest.mark.parametrize("listen", ["9478", ":9478", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:70000"])
def test_what_is_no_place_says_how_to_write_one(listen: str) -> None:
    with pytest.raises(ValueError, match=r"write 127\.0\.0\.1:9478"):
        HealthConfig(listen=listen)


def test_which_config_runs_is_told_and_one_that_is_refused_or_waits_is_noted() -> None:
    running = {"alerts": {"version": "aaa"}, "bot": {"version": "aaa"}}
    assert found(replace(WELL, configs=running))["config"] == (Level.WELL, "all parts run aaa")

    other = running | {"bot": {"version": "bbb"}}
    assert found(replace(WELL, configs=other))["config"] == (
        Level.NOTE,
        "not all parts run the same: alerts: aaa; bot: bbb",
    )
    waits = running | {"bot": {"version": "aaa", WAITS: "storage.url"}}
    level, what = found(replace(WELL, configs=waits))["config"]
    assert (level, what.startswith("storage.url: counts from the next start on")) == (Level.NOTE, True)

    refused = running | {"bot": {"version": "aaa", "refused": "no such key"}}
    checks = judge(replace(WELL, configs=refused), LIMITS, ALL)
    assert is_well(checks), "the work goes on"
    [said] = [check for check in checks if check.of == "config"]
    assert (said.level, "no such key" in said.what) == (Level.NOTE, True)
    assert said.is_told, "and those who run it are told all the same"


@pytest.mark.parametrize("decided_until", [None, NOW - timedelta(hours=2)])
def test_an_engine_that_learns_what_is_usual_is_at_work(decided_until: datetime | None) -> None:
    learning = Learnt(part=0.431, left=timedelta(seconds=140))
    vitals = replace(WELL, decided_until=decided_until, learnt=learning)
    level, what = found(vitals)["alerts"]
    assert level is Level.NOTE
    assert what == "learning what is usual of the channels: 43% done, about 2 min 20 s left"
    assert is_well(judge(vitals, LIMITS, ALL))


def test_signs_of_life_that_are_to_come_seldom_are_waited_for() -> None:
    vitals = replace(WELL, lived_at=NOW - 59 * MINUTE)
    for every, level in ((MINUTE, Level.WRONG), (30 * MINUTE, Level.WELL)):
        (check,) = judge(vitals, LIMITS, ("jobs",), lives_every=every)
        assert check.level is level


HOUR = timedelta(hours=1)


def test_an_account_is_judged_by_what_it_saw_and_not_by_what_it_says_of_itself() -> None:
    stuck = replace(WELL, watched_until={7: NOW - HOUR, 8: NOW}, watched_by={"main": {7: NOW - HOUR}})
    level, what = found(stuck)["account main"]
    assert level is Level.WRONG
    assert what.startswith("it has seen nothing of its channels since 1 h ago: watching")

    by_both = {"main": {7: NOW - 2 * HOUR}, "spare": {7: NOW - HOUR}}
    assert found(replace(stuck, watched_by=by_both))["account main"][0] is Level.WELL, "it is another's now"

    read = replace(stuck, watched_until={7: NOW, 8: NOW})
    assert found(read)["account main"][0] is Level.WELL, "its channel is seen in another way"

    gone = replace(stuck, channels=(replace(WELL.channels[0], status=ChannelStatus.PAUSED), WELL.channels[1]))
    assert found(gone)["account main"][0] is Level.WELL, "there is nothing that it is to see"

    at_work = replace(WELL, watched_by={"main": {7: NOW - MINUTE, 8: NOW - 2 * HOUR}})
    assert found(at_work)["account main"] == (Level.WELL, "watching, 1 min ago; seen up to 1 min ago")


def test_an_account_that_has_seen_nothing_yet_is_unknown_and_not_zero() -> None:
    assert found(WELL)["account main"] == (
        Level.WELL,
        "watching, 1 min ago; it has not seen anything come yet",
    )
    metric = 'deadair_account_watched_timestamp_seconds{account="main"}'
    assert metric not in exposition(WELL, []).decode()
    seen = replace(WELL, watched_by={"main": {7: NOW - MINUTE, 8: NOW - HOUR}})
    assert f"{metric} {(NOW - MINUTE).timestamp():.8e}" in exposition(seen, []).decode()
