"""What ops do in the bot: channels, thresholds, health; the record of it, and taking changes back."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import numpy as np
import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from alerts.mark import Mark
from bot.texts import door, running
from domain.change import What
from domain.channel import Channel
from domain.clock import WallClock
from domain.post import How
from domain.reading import Reading
from domain.subscription import Role
from domain.wanted import Want, WantState, Watching
from domain.watch import WatchSpan
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in, put_out
from tests.support.botapi import hang_up, stock_bot

DAY = timedelta(days=1)


def bare(words: str) -> str:
    return words.replace("\u2068", "").replace("\u2069", "")


def labels(message: Message) -> list[str]:
    return [button["text"] for button in message.buttons]


async def olga(server: BotApiServer, store: Store, role: Role = Role.OPS) -> Person:
    person = server.person("Olga", started=True)
    await let_in(store, person.id, role)
    return person


async def said(server: BotApiServer, person: Person, *lines: str) -> list[str]:
    before = len(person.received)
    for line in lines:
        person.say(line)
    messages = await server.received(person.id, before + len(lines))
    return [bare(m.text) for m in messages[before:]]


async def tap(server: BotApiServer, person: Person, label: str, message: Message | None = None) -> Message:
    shown = message or person.received[-1]
    before = len(shown.edits)
    person.press(label, shown)
    await server.until(lambda: len(shown.edits) > before)
    return shown


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(180):  # the machine may be busy
        while not await true():  # noqa: ASYNC110 - edits set no event that one could wait for here
            await asyncio.sleep(0.02)


async def watch(store: Store, *channels: Channel) -> None:
    async with store.begin() as tx:
        for channel in channels:
            await tx.channels.save(channel, WallClock().now())
            key = (channel.handle or f"#{channel.id}").casefold()
            mark = {"id": channel.id, "account": "main"}
            await tx.marks.set(f"collector.known.{key}", mark, WallClock().now())


FALCON = Channel(id=1001, title="Falcon Front", handle="Falcon_Front", group="birds", zone="Asia/Baghdad")


# -- channels


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


# -- thresholds


async def a_past(store: Store, *, days: int = 120, per_day: float = 30.0) -> None:
    """A channel with its days, read and watched, and a silence of three days in it."""
    rng = np.random.default_rng(7)
    now = WallClock().now()
    start = now - days * DAY
    readings = []
    at, post_id = start, 0
    while at < now:
        hour = at.hour + at.minute / 60
        rate = per_day / 24 * (1 + 0.8 * math.sin((hour - 6) / 24 * 2 * math.pi))
        at += timedelta(hours=float(rng.exponential(1 / max(rate, 0.05))))
        if at >= now or now - 20 * DAY < at < now - 17 * DAY:
            continue
        post_id += 1
        topics = ("attacks",) if rng.random() < 0.4 else ()
        readings.append(
            Reading(channel_id=1001, post_id=post_id, posted_at=at, reader_version=1, topics=topics)
        )
    async with store.begin() as tx:
        await tx.readings.go_live(1, now)
        await tx.readings.put(readings)
        await tx.watch.extend(
            WatchSpan(channel_id=1001, account="main", from_at=start, to_at=now, how=How.LIVE)
        )


async def reckoned(message: Message) -> None:
    await eventually(lambda: _is_reckoned(message))


async def _is_reckoned(message: Message) -> bool:
    return "Reckoning" not in message.text and bool(message.edits)


async def test_thresholds_are_weighed_on_the_past_before_one_is_kept_and_counts_at_once(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await a_past(store)
    await run_bot(topics=("attacks",))
    await said(server, person, "/thresholds")
    message = await tap(server, person, "Falcon Front")
    await reckoned(message)
    words = bare(message.text)
    assert "False alarms a month that are accepted now: 0.25." in words
    assert "of the last 90 days" in words
    for budget in ("0.05", "0.1", "0.25", "0.5", "1", "2", "4", "8"):
        assert f"\n• {budget}: would have told " in words, words
    assert "✓ 0.25" in labels(message)
    assert "attacks" in labels(message)
    async with store.read() as tx:
        assert await tx.changes.budgets() == {}

    await tap(server, person, "1")
    await reckoned(message)
    words = bare(message.text)
    assert words.startswith("Falcon Front: with 1 false alarms a month accepted")
    assert "To be expected by it: 3 false alarms a month, all kinds together." in words
    assert "By the replay: " in words
    assert "silence, lasted 3 d" in words
    assert labels(message) == ["Keep 1", "« Back"]
    await tap(server, person, "Keep 1")
    assert bare(message.text) == "Kept: Falcon Front, 1 false alarms a month. It counts from now on."
    async with store.read() as tx:
        assert await tx.changes.budgets() == {"channel:1001": 1.0}
        (change,) = await tx.changes.newest(5)
    assert (change.what, change.subject, change.old, change.new, change.by) == (
        What.BUDGET, "channel:1001", None, {"budget": 1.0}, person.id,
    )  # fmt: skip

    person.say("/thresholds @falcon_front topic:attacks")
    shown = (await server.received(person.id, 2))[-1]
    await reckoned(shown)
    assert bare(shown.text).startswith("attacks in Falcon Front")
    assert running.TOPIC_EVERYWHERE in shown.text
    assert "The channel itself" in labels(shown)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/thresholds @falcon_frnt", "I watch no channel or group called @falcon_frnt. Did you mean"),
        ("/thresholds @falcon_front 99", "99 is no threshold: it is above 0 and at most 30"),
        ("/thresholds @falcon_front topic:floods", "No topic or claimant is called topic:floods."),
    ],
)
async def test_a_threshold_that_cannot_be_is_answered_with_what_is_wrong(
    line: str, answer: str, run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot(topics=("attacks",))
    (got,) = await said(server, person, line)
    assert got.startswith(answer)


async def test_what_would_be_of_no_use_is_not_kept_whatever_is_pressed(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await a_past(store)
    await run_bot()
    person.say("/thresholds @falcon_front 25")
    (message,) = await server.received(person.id)
    await reckoned(message)
    # Whether it did so already in the past that there is depends on that.
    assert re.search(r"It cannot be kept: it (fires|would fire) almost daily: \d+ ", bare(message.text))
    assert labels(message) == ["« Back"]
    async with store.read() as tx:
        assert await tx.changes.budgets() == {}


async def test_without_a_past_that_was_read_nothing_is_weighed(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    person.say("/thresholds @falcon_front")
    (message,) = await server.received(person.id)
    await reckoned(message)
    assert bare(message.text).startswith("Nothing of Falcon Front has been read yet")


# -- the record


async def test_a_change_is_taken_back_by_its_button_once_and_that_is_a_row_too(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    await said(server, person, "/channels pause @falcon_front", "/audit")
    message = person.received[-1]
    assert "@falcon_front: watched → paused" in bare(message.text)
    assert labels(message) == ["↩ Take back #1", "With attempts"]
    press = person.press("↩ Take back #1")
    await server.until(lambda: len(message.edits) > 0 and press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == "Taken back: #1."
    async with store.read() as tx:
        (want,) = await tx.changes.wants()
        undo, change = await tx.changes.newest(5)
    assert want.wanted is Watching.WATCHED
    assert (undo.undoes, undo.old, undo.new) == (change.id, change.new, change.old)
    assert "(taken back)" in message.text
    assert labels(message) == ["↩ Take back #2", "With attempts"]  # what was undone can be redone
    again = person.press("und:1:0:0", await _with(server, person, "und:1:0:0"))
    await server.until(lambda: again.answer is not None)
    assert again.answer is not None
    assert again.answer["text"] == "#1 was taken back already."


async def _with(server: BotApiServer, person: Person, data: str) -> Message:
    """A message with a button of former times: each answer of the bot's world is made by a stock bot."""
    bot = stock_bot(server)
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=data, callback_data=data)]])
    await bot.send_message(person.id, "of former times", reply_markup=keyboard)
    await hang_up(bot)
    return person.received[-1]


async def test_what_was_changed_again_since_is_not_taken_back_over_it(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    await said(server, person, "/channels pause @falcon_front", "/channels retire @falcon_front")
    press = person.press("und:1:0:0", await _with(server, person, "und:1:0:0"))
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert bare(press.answer["text"]).startswith("It has been changed since, by chat")
    async with store.read() as tx:
        (want,) = await tx.changes.wants()
    assert want.wanted is Watching.RETIRED


async def test_ops_do_not_take_back_who_may_enter_and_owners_do(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, person = server.person("Anna", started=True), await olga(server, store)
    cem = server.person("Cem", started=True)
    await let_in(store, cem.id, Role.GUEST)
    await run_bot(owners=(anna.id,))
    await said(server, anna, "/people")
    message = await tap(server, anna, f"chat {cem.id} · guest")
    await tap(server, anna, "Put out", message)
    async with store.read() as tx:
        change = (await tx.changes.newest(1))[0]
    await said(server, person, "/audit")
    assert not any(label.startswith("↩") for label in labels(person.received[-1]))
    data = f"und:{change.id}:0:0"
    press = person.press(data, await _with(server, person, data))
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == running.UNDO_NOT_YOURS
    await said(server, anna, "/audit")
    await tap(server, anna, f"↩ Take back #{change.id}")
    async with store.read() as tx:
        back = await tx.subscriptions.subscriber(cem.id)
    assert back is not None
    assert back.role is Role.GUEST


async def test_a_revoked_invite_is_opened_again_and_one_that_was_used_is_not(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, cem = server.person("Anna", started=True), server.person("Cem")
    await run_bot(owners=(anna.id,))
    await said(server, anna, "/invite guest")
    code = anna.received[-1].text.rpartition("start=")[2].strip()
    await said(server, anna, "/invites")
    await tap(server, anna, "✕ Revoke 1")
    await said(server, anna, "/audit")
    async with store.read() as tx:
        revoked, _ = await tx.changes.newest(2, only=[What.INVITE])
    await tap(server, anna, f"↩ Take back #{revoked.id}")
    cem.start(code)
    assert "let in as guest" in (await server.received(cem.id))[0].text
    async with store.read() as tx:
        reopened = (await tx.changes.newest(1, only=[What.INVITE]))[0]
    assert reopened.undoes == revoked.id
    data = f"und:{reopened.id}:0:0"
    press = anna.press(data, await _with(server, anna, data))
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == "That cannot be taken back: the link was used or has expired"


async def test_the_record_pages_and_shows_attempts_only_when_asked(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person, stranger = await olga(server, store), server.person("Mallory")
    await watch(store, FALCON)
    await run_bot()
    for n in range(4):
        await said(server, person, f"/channels {'resume' if n % 2 else 'pause'} @falcon_front")
    stranger.say("/status")
    await server.received(stranger.id)
    await said(server, person, "/channels pause @falcon_front", "/audit")
    message = person.received[-1]
    assert "Mallory" not in message.text
    await tap(server, person, "With attempts")
    assert "Mallory: was refused /status: was not let in" in bare(message.text)
    assert "Without attempts" in labels(message)


# -- health


async def test_health_says_first_what_is_wrong_and_of_every_part_how_it_is(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    now = WallClock().now()
    await watch(store, FALCON, Channel(id=1002, title="River", handle="river_news"))
    async with store.begin() as tx:
        await tx.watch.extend(
            WatchSpan(channel_id=1001, account="main", from_at=now - DAY, to_at=now, how=How.LIVE)
        )
        watching = {"state": "watching", "since": now.isoformat(), "detail": ""}
        await tx.marks.set("collector.account.main", watching, now)
        banned = {"state": "banned", "since": now.isoformat(), "detail": "USER_DEACTIVATED_BAN"}
        await tx.marks.set("collector.account.spare", banned, now)
        await tx.marks.set("alerts", Mark(version=1, since=now - DAY, until=now).document(), now)
        await tx.marks.set("reader.life", {"version": 1}, now - timedelta(hours=2))
        await tx.marks.set("process.life", {}, now)
    await run_bot()
    await said(server, person, "/health")
    await server.until(lambda: server.world.queue.pending == 0)
    (words,) = await said(server, person, "/health")
    first, *lines = words.splitlines()
    assert first.startswith("Health at ")
    assert [line[0] for line in lines] == sorted((line[0] for line in lines), key="✗!✓".index)
    banned_line = next(line for line in lines if "account spare" in line)
    assert banned_line.startswith("✗ account spare: banned")
    assert banned_line.endswith("USER_DEACTIVATED_BAN")
    assert any(line.startswith("✗ reader: alive 2 h") for line in lines)
    assert "! watch: 1 of 2 channels are seen up to now" in lines
    assert "! watch: not seen of late: River" in lines
    assert any(line.startswith("✓ account main: watching") for line in lines)
    assert any(line.startswith("✓ alerts: decided up to") for line in lines)
    assert any(line.startswith("✓ bot: what people say was last fetched") for line in lines)
    assert "✓ outbox: nothing is on its way" in lines


async def test_health_tells_of_alerts_that_do_not_get_out(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person, cem = await olga(server, store), server.person("Cem", started=True)
    await let_in(store, cem.id)
    await put_out(store, cem.id, payload={}, at=WallClock().now() - timedelta(minutes=30))
    server.faults.refuse(500, "Internal Server Error", "sendMessage", chat=cem.id, times=None)
    await run_bot()
    await server.until(lambda: any(c.method == "sendMessage" and c.chat == str(cem.id) for c in server.calls))
    (words,) = await said(server, person, "/health")
    assert "✗ outbox: 1 on their way, the oldest for 30 min" in words


async def test_none_of_it_is_for_analysts(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    person = await olga(server, store, Role.ANALYST)
    await run_bot()
    answers = await said(server, person, "/channels", "/thresholds", "/health", "/audit")
    assert answers == [door.NOT_ALLOWED.format(role="ops", mine="analyst")] * 4
