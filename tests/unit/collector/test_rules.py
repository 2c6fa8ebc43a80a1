"""The small rules of the collector, one by one."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from telethon import errors as E  # noqa: N812 - as everywhere in Telethon's world

from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from collector.errors import (
    Banned,
    Duplicated,
    Failed,
    Gone,
    LoggedOut,
    Nobody,
    Trouble,
    Unanswered,
    Unreachable,
    Wait,
    said,
    trouble,
)
from collector.ingest import follow
from collector.lock import Held, only_user_of
from collector.tasks import together
from collector.watchdog import Backoff
from domain.channel import ChannelStatus

# -- how far numbers follow on each other


def test_numbers_that_follow_move_the_cursor() -> None:
    assert follow(10, [11, 12, 13]) == (13, False)
    assert follow(10, [13, 12, 11, 11, 5]) == (13, False)
    assert follow(10, []) == (10, False)


def test_a_hole_stops_the_cursor_before_it() -> None:
    assert follow(10, [11, 13]) == (11, True)
    assert follow(10, [15]) == (10, True)


@given(st.integers(0, 50), st.lists(st.integers(1, 80)))
def test_the_cursor_never_passes_a_number_that_did_not_come(newest: int, ids: list[int]) -> None:
    reached, torn = follow(newest, ids)
    assert set(range(newest + 1, reached + 1)) <= set(ids)
    assert torn == any(i > reached for i in ids)


# -- errors by what can be done


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (E.FloodWaitError(None, 30), Wait),
        (E.ChannelPrivateError(None), Gone),
        (E.UserBannedInChannelError(None), Gone),
        (E.UsernameNotOccupiedError(None), Nobody),
        (E.AuthKeyUnregisteredError(None), LoggedOut),
        (E.SessionRevokedError(None), LoggedOut),
        (E.UserDeactivatedBanError(None), Banned),
        (E.AuthKeyDuplicatedError(None), Duplicated),
        (E.AuthKeyNotFound(), LoggedOut),
        (E.RpcCallFailError(None), Failed),
        (E.SecurityError("bad"), Unreachable),
        (ConnectionResetError(104, "reset"), Unreachable),
        (asyncio.IncompleteReadError(b"", 4), Unreachable),
        (TimeoutError(), Unanswered),
        (sqlite3.OperationalError("database is locked"), Unreachable),
        (sqlite3.OperationalError("database or disk is full"), Unreachable),
        (sqlite3.DatabaseError("database disk image is malformed"), LoggedOut),
    ],
)
def test_every_error_becomes_the_state_it_means(error: Exception, state: type[Trouble]) -> None:
    assert type(trouble(error, "main", "x.y")) is state


def test_a_mistake_of_our_own_is_not_blamed_on_telegram() -> None:
    assert trouble(KeyError("x"), "main") is None


def test_a_wait_keeps_its_seconds_and_a_loss_its_status() -> None:
    wait = trouble(E.FloodWaitError(None, 30), "main")
    assert isinstance(wait, Wait)
    assert wait.seconds == 30
    gone = trouble(E.ChannelPrivateError(None), "main")
    assert isinstance(gone, Gone)
    assert (gone.status, gone.evidence) == (ChannelStatus.PRIVATE, "CHANNEL_PRIVATE")


def test_what_telegram_said_is_given_in_its_own_word() -> None:
    assert said(E.UserDeactivatedBanError(None)) == "USER_DEACTIVATED_BAN"
    assert said(E.RPCError(None, "NEW_AND_STRANGE", 400)) == "NEW_AND_STRANGE"


def test_an_answer_of_an_absurd_length_is_not_told_in_bytes() -> None:
    assert "is not Telegram" in said(asyncio.IncompleteReadError(b"HTTP/1.1", 1_347_703_872))
    assert said(OSError("no route")) == "OSError: no route"


async def test_of_two_errors_the_one_a_person_must_mend_is_told() -> None:
    async def fail(error: Exception) -> None:
        raise error

    with pytest.raises(LoggedOut):
        await together(fail(Unreachable("x")), fail(LoggedOut("y")))
    with pytest.raises(KeyError):
        await together(fail(Unreachable("x")), fail(KeyError("y")))


# -- patience


def test_attempts_come_slower_and_slower_up_to_a_limit() -> None:
    backoff = Backoff(1, 5)
    assert [backoff.next(0) for _ in range(5)] == [1, 2, 4, 5, 5]


def test_a_connection_that_lasted_makes_the_next_attempt_quick_again() -> None:
    backoff = Backoff(1, 5)
    for _ in range(4):
        backoff.next(0)
    assert backoff.next(3) == 5
    assert backoff.next(60) == 1


# -- one process for a session


def test_a_session_is_free_again_after_use(tmp_path: Path) -> None:
    session = tmp_path / "a" / "main.session"
    for _ in range(2):
        with only_user_of(session), pytest.raises(Held, match="process"), only_user_of(session):
            pass


# -- what may be configured


@pytest.mark.parametrize(
    "written", ["falcon_news", "@falcon_news", "https://t.me/falcon_news", "t.me/s/falcon_news/"]
)
def test_a_handle_may_be_written_as_people_write_it(written: str) -> None:
    assert ChannelConfig(handle=written).handle == "falcon_news"


def test_a_number_may_be_written_as_the_bot_api_writes_it() -> None:
    assert ChannelConfig(id=-1001234567890).id == 1234567890


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"handle": "no handle"},
        {"handle": "فالكون"},
        {"id": -5},
        {"handle": "falcon_news", "zone": "Asia/Nowhere"},
        {"handle": "falcon_news", "colour": "red"},
    ],
)
def test_a_channel_that_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ChannelConfig.model_validate(wrong)


def test_spans_are_written_for_people_and_never_zero_where_that_would_be_a_hot_loop() -> None:
    assert CollectorConfig.model_validate({"reconcile_every": "90s"}).reconcile_every == timedelta(seconds=90)
    for wrong in ({"reconcile_every": "0s"}, {"probe_every": "soon"}, {"retry_min": 9.0, "retry_max": 1.0}):
        with pytest.raises(ValidationError):
            CollectorConfig.model_validate(wrong)


def test_every_key_says_what_it_is_for() -> None:
    for model in (CollectorConfig, AccountConfig, ChannelConfig):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
