"""Channels that ops add, pause, resume and retire in the bot."""

import pytest

from bot.texts import running
from domain.change import What
from domain.channel import Channel
from domain.clock import WallClock
from domain.wanted import Want, WantState, Watching
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.tapping import FALCON, bare, labels, olga, said, tap, watch


async def test_a_channel_is_added_by_words_with_what_belongs_to_it(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await run_bot()
    (answer,) = await said(
        server, person, "/channels add https://t.me/Heron_News group=birds zone=Asia/Baghdad country=iq web"
    )
    assert answer == "@Heron_News is watched within minutes."
    async with store.read() as tx:
        (want,) = await tx.changes.wants()
        (change,) = await tx.changes.newest(5)
    assert (want.key, want.handle, want.wanted, want.state) == (
        "heron_news", "Heron_News", Watching.WATCHED, WantState.ASKED,
    )  # fmt: skip
    assert (want.group, want.zone, want.country, want.web) == ("birds", "Asia/Baghdad", "IQ", True)
    assert want.asked_by == f"chat {person.id} ({person.id})"
    assert (change.what, change.by, change.old) == (What.WATCH, person.id, None)
    again, listed = await said(server, person, "/channels add @heron_news", "/channels")
    assert again == running.CHANNEL_IS_ALREADY
    assert "@Heron_News: asked for by" in listed


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/channels add", "I do not understand add there."),
        ("/channels polish @falcon_front", "I do not understand polish @falcon_front there."),
        ("/channels add no", "no is no handle: write it as @name."),
        ("/channels add @heron_news zone=Mars/Base", "Mars/Base is no time zone"),
        ("/channels add @heron_news country=XX", "XX is no country"),
        ("/channels add @heron_news please", "I do not understand please there."),
        ("/channels pause @heron_news", "I know no channel called @heron_news."),
    ],
)
async def test_what_cannot_be_added_is_answered_with_what_is_wrong(
    line: str, answer: str, run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await run_bot()
    (got,) = await said(server, person, line)
    assert got.startswith(answer)
    async with store.read() as tx:
        assert await tx.changes.wants() == []
        assert await tx.changes.newest(5) == []


async def test_a_channel_is_paused_resumed_and_after_a_second_question_retired_by_taps(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    await said(server, person, "/channels")
    message = await tap(server, person, "Falcon Front")
    assert labels(message) == ["Pause", "Retire", "« Back"]
    await tap(server, person, "Pause")
    async with store.read() as tx:
        (want,) = await tx.changes.wants()
    assert (want.key, want.wanted, want.group, want.zone) == (
        "falcon_front", Watching.PAUSED, "birds", "Asia/Baghdad",
    )  # fmt: skip
    assert "Watching Falcon Front is paused within minutes." in bare(message.text)

    await tap(server, person, "Retire")
    assert "Retire Falcon Front: yes, surely" in labels(message)
    async with store.read() as tx:
        assert (await tx.changes.wants())[0].wanted is Watching.PAUSED  # asked, not done
    await tap(server, person, "Retire Falcon Front: yes, surely")
    async with store.read() as tx:
        assert (await tx.changes.wants())[0].wanted is Watching.RETIRED
        record = await tx.changes.newest(5, only=[What.WATCH])
    assert [(c.old and c.old["wanted"], c.new and c.new["wanted"]) for c in record] == [
        ("paused", "retired"), ("watched", "paused"),
    ]  # fmt: skip
    (again,) = await said(server, person, "/channels resume @falcon_front")
    assert again == "Falcon Front is watched within minutes."


async def test_hundreds_of_channels_are_paged_and_those_that_cannot_be_watched_are_named(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, *(Channel(id=n, title=f"Channel {n:03}") for n in range(1, 101)))
    now = WallClock().now()
    async with store.begin() as tx:
        await tx.changes.put_want(
            Want(
                key="x_news",
                handle="x_news",
                wanted=Watching.WATCHED,
                asked_at=now,
                asked_by="Olga",
                state=WantState.FAILED,
                why="no account watches here",
            )
        )
        nowhere = {"name": "@gone_news", "why": "no such handle"}
        await tx.marks.set("collector.unresolved.gone_news", nowhere, now)
    await run_bot()
    (listed,) = await said(server, person, "/channels")
    assert "Channels (100):" in listed
    assert "@x_news: cannot be watched: no account watches here" in listed
    assert "@gone_news: leads nowhere: no such handle" in listed
    message = await tap(server, person, "Next »")
    assert "Channel 009" in labels(message)
    assert "2/13" in labels(message)
