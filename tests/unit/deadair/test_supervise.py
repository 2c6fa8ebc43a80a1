"""The parts run side by side; one that dies stops the whole, with a reason."""

import asyncio
import os
import signal

import pytest

from deadair.supervise import PartDied, supervise
from domain.errors import DeadairError


async def for_ever(closed: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        closed.append(name)


async def test_a_signal_stops_all_parts_and_lets_them_close_what_they_hold() -> None:
    closed: list[str] = []
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
    await supervise({"a": lambda: for_ever(closed, "a"), "b": lambda: for_ever(closed, "b")})
    assert sorted(closed) == ["a", "b"]


async def test_a_part_that_needs_an_operator_stops_all_with_its_own_words() -> None:
    closed: list[str] = []

    async def needs_help() -> None:
        raise DeadairError("the token is wrong", hint="make a new one")

    with pytest.raises(DeadairError, match="the token is wrong"):
        await supervise({"a": lambda: for_ever(closed, "a"), "b": needs_help})
    assert closed == ["a"]


async def test_a_part_that_crashes_stops_all_and_is_named() -> None:
    closed: list[str] = []

    async def crashes() -> None:
        raise ZeroDivisionError("by nothing")

    with pytest.raises(PartDied, match="the b died of an unforeseen ZeroDivisionError: by nothing"):
        await supervise({"a": lambda: for_ever(closed, "a"), "b": crashes})
    assert closed == ["a"]


async def test_a_part_that_ends_by_itself_stops_all() -> None:
    closed: list[str] = []

    async def ends() -> None:
        return None

    with pytest.raises(PartDied, match="the b ended by itself"):
        await supervise({"a": lambda: for_ever(closed, "a"), "b": ends})
    assert closed == ["a"]
