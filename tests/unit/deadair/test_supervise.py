"""The parts run side by side; one that dies stops the whole, with a reason."""

import asyncio
import os
import signal

import pytest

from deadair.supervise import Crew, PartDied, supervise
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


async def test_a_part_is_begun_anew_once_the_former_has_closed_and_the_others_work_on() -> None:
    closed: list[str] = []
    order: list[str] = []

    async def second() -> None:
        order.extend(closed)
        order.append("begun anew")
        os.kill(os.getpid(), signal.SIGTERM)
        await for_ever(closed, "second a")

    async def beside(crew: Crew) -> None:
        await asyncio.sleep(0.02)
        await crew.renew({"a": second})
        await asyncio.Event().wait()

    await supervise({"a": lambda: for_ever(closed, "a"), "b": lambda: for_ever(closed, "b")}, beside)
    assert order == ["a", "begun anew"]
    assert sorted(closed) == ["a", "b", "second a"]


async def test_a_part_that_dies_after_it_was_begun_anew_still_stops_all() -> None:
    closed: list[str] = []

    async def crashes() -> None:
        raise ZeroDivisionError("by nothing")

    async def beside(crew: Crew) -> None:
        await crew.renew({"a": crashes})
        await asyncio.Event().wait()

    with pytest.raises(PartDied, match="the a died of an unforeseen ZeroDivisionError"):
        await supervise({"a": lambda: for_ever(closed, "a"), "b": lambda: for_ever(closed, "b")}, beside)
    assert sorted(closed) == ["a", "b"]
