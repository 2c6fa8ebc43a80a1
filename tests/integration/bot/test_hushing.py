"""What a chat sets for itself: mutes, quiet hours, digests, language, zone; and /test of the whole way."""

from datetime import time, timedelta

import pytest

from bot.texts import hushing
from domain.channel import Channel
from domain.clock import WallClock
from domain.finding import Kind
from domain.hush import Every
from domain.subscription import Subscription
from sandbox.botapi.faults import Fault, Harm
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in
from tests.support.tapping import bare, said

HOUR = timedelta(hours=1)


async def bela(server: BotApiServer, store: Store, zone: str = "Asia/Baghdad") -> Person:
    person = server.person("Bela", started=True)
    await let_in(store, person.id, zone=zone)
    async with store.begin() as tx:
        for number, title in ((1001, "Falcon Front"), (1002, "River")):
            channel = Channel(id=number, title=title, handle=title.replace(" ", "_").lower())
            await tx.channels.save(channel, WallClock().now())
    return person


async def test_a_mute_has_an_end_a_reason_and_an_author_and_is_ended_by_a_tap(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot(topics=("attacks",))
    start = WallClock().now()
    lines = ("/mute @falcon_front 8h Ramadan, they pause", "/mute topic:attacks forever", "/mute 30m")
    answers = await said(server, person, *lines)
    assert answers[0].startswith("Muted: Falcon Front, until ")
    assert answers[1] == "Muted: everything, only attacks, until you end it. /unmute ends it before."
    assert answers[2].startswith("Muted: everything, until ")
    async with store.read() as tx:
        channel, topic, all_ = await tx.hushes.mutes(person.id, WallClock().now())
    assert (channel.channel_id, channel.reason) == (1001, "Ramadan, they pause")
    assert channel.by == f"chat {person.id} ({person.id})"
    assert channel.until is not None
    assert start + 8 * HOUR <= channel.until <= WallClock().now() + 8 * HOUR
    assert (topic.channel_id, topic.topic, topic.until) == (None, "attacks", None)
    assert (all_.channel_id, all_.topic) == (None, None)

    _, listed = await said(server, person, "/mute", "/unmute")
    assert "Ramadan, they pause" in listed
    stale, message = person.received[-2:]
    person.press("✕ Falcon Front", message)
    await server.until(lambda: message.edits)
    async with store.read() as tx:
        left = await tx.hushes.mutes(person.id, WallClock().now())
        ended = (await tx.hushes.every_mute(person.id))[-1]
    assert [m.topic for m in left] == ["attacks", None]
    assert ended.revoked_by == f"chat {person.id} ({person.id})"
    late = person.press("✕ Falcon Front", stale)  # another list still shows it
    await server.until(lambda: late.answer is not None)
    assert late.answer is not None
    assert late.answer["text"] == hushing.UNMUTED_NONE


async def test_a_title_with_a_time_in_it_can_be_muted(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1003, title="River 24h"), WallClock().now())
    await run_bot()
    lines = ("/mute River 24h 2d exams", "/mute River 24h", "/mute River 8h back by 18:00")
    answers = await said(server, person, *lines)
    assert [a.split(",")[0] for a in answers] == ["Muted: River 24h", "Muted: River", "Muted: River"]
    async with store.read() as tx:
        mutes = await tx.hushes.mutes(person.id, WallClock().now())
    assert [(m.channel_id, m.reason) for m in mutes] == [(1003, "exams"), (1002, ""), (1002, "back by 18:00")]


async def test_a_tap_mutes_everything_for_a_while_and_twice_is_once(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot()
    await said(server, person, "/mute")
    message = person.received[-1]
    for n in (1, 2):
        person.press("Mute everything for 8 h")
        await server.until(lambda n=n: len(message.edits) >= n or server.world.queue.pending == 0)
        await server.until(lambda: server.world.queue.pending == 0)
    async with store.read() as tx:
        assert len(await tx.hushes.mutes(person.id, WallClock().now())) == 1


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/mute @falcon_front", "Until when? Say for instance /mute @falcon_front 8h."),
        (
            "/mute @falcn_front 8h",
            "I watch no channel or group called @falcn_front. Did you mean @falcon_front",
        ),
        ("/mute all 900d", "900d is no time within the coming year."),
        ("/mute topic:atacks 8h", "No topic or claimant is called topic:atacks. Did you mean topic:attacks?"),
    ],
)
async def test_what_cannot_be_muted_is_answered_with_what_to_do(
    line: str, answer: str, run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot(topics=("attacks",))
    (got,) = await said(server, person, line)
    assert got.startswith(answer)
    async with store.read() as tx:
        assert await tx.hushes.every_mute(person.id) == []


async def test_quiet_hours_are_set_shown_in_ones_own_zone_and_taken_back(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot()
    none, are, equal, bad = await said(
        server, person, "/quiet", "/quiet 22:30-7", "/quiet 8-8", "/quiet at night"
    )
    assert none.startswith("There are no quiet hours here.")
    assert "Quiet hours here: from 22:30 to 07:00 (Asia/Baghdad" in are
    assert equal.startswith("From 08:00 to 08:00 would be no time, or all day")
    assert bad.startswith("at night is no two times of a day.")
    async with store.read() as tx:
        quiet = await tx.hushes.quiet(person.id)
    assert quiet is not None
    assert (quiet.start, quiet.end) == (time(22, 30), time(7))  # the refused ones changed nothing
    await said(server, person, "/quiet")
    message = person.received[-1]
    person.press("00:00 – 08:00")
    await server.until(lambda: message.edits)
    assert "from 00:00 to 08:00" in message.text
    person.press("No quiet hours")
    await server.until(lambda: len(message.edits) == 2)
    async with store.read() as tx:
        assert await tx.hushes.quiet(person.id) is None


async def test_a_digest_is_set_by_words_and_by_taps(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot()
    none, daily, weekly, bad = await said(
        server,
        person,
        "/digest",
        "/digest daily 7",
        "/digest weekly fri 18:00 only",
        "/digest weekly someday",
    )
    assert none.startswith(hushing.DIGEST_NONE)
    assert "every day at 07:00 (Asia/Baghdad)" in daily
    assert hushing.DIGEST_BESIDE in daily
    assert "every Friday at 18:00" in weekly
    assert hushing.DIGEST_INSTEAD in weekly
    assert bad.startswith("I do not understand someday there.")
    async with store.read() as tx:
        digest = await tx.hushes.digest(person.id)
    assert digest is not None
    assert (digest.every, digest.weekday, digest.hour, digest.instead) == (Every.WEEK, 4, 18, True)
    await said(server, person, "/digest")
    message = person.received[-1]
    person.press("No digest")
    await server.until(lambda: message.edits)
    async with store.read() as tx:
        assert await tx.hushes.digest(person.id) is None


async def test_a_zone_is_found_offered_or_asked_for_again(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store, zone="UTC")
    await run_bot()
    shown, tehran, which, unknown = await said(
        server, person, "/timezone", "/timezone Tehran", "/timezone +3", "/timezone Qwertyuiopolis"
    )
    assert shown.startswith("Times are told here in UTC")
    assert tehran.startswith("From now on times are told here in Asia/Tehran")
    assert which == "Which one do you mean by +3?"
    assert unknown.startswith("I know no place or zone called Qwertyuiopolis.")
    async with store.read() as tx:
        member = await tx.subscriptions.subscriber(person.id)
    assert member is not None
    assert member.zone == "Asia/Tehran"
    message = person.received[-2]
    person.press("Asia/Baghdad", message)
    await server.until(lambda: message.edits)
    async with store.read() as tx:
        member = await tx.subscriptions.subscriber(person.id)
    assert member is not None
    assert member.zone == "Asia/Baghdad"


async def test_a_language_is_chosen_by_its_own_name_and_others_are_refused(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot()
    which, unknown = await said(server, person, "/language", "/language klingon")
    assert which == hushing.LANGUAGE_WHICH
    assert unknown.startswith("I do not speak klingon. I speak English (en), ")
    message = person.received[0]
    assert [b["text"] for b in message.buttons] == ["English", "العربية", "فارسی"]
    person.press("فارسی", message)
    await server.until(lambda: message.edits)
    async with store.read() as tx:
        member = await tx.subscriptions.subscriber(person.id)
    assert member is not None
    assert member.language == "fa"


async def test_a_test_alert_goes_the_whole_way_and_leaves_no_trace_among_what_happened(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot()
    person.say("/test")
    messages = await server.received(person.id, 3)
    first, alert, last = (bare(m.text) for m in messages)
    assert first.startswith(hushing.TEST_ON_ITS_WAY)
    assert hushing.TEST_NO_SUBSCRIPTION in first
    assert hushing.TEST_HEADLINE in alert
    assert hushing.TEST_WORDS in alert
    assert last.startswith("The whole way works")
    async with store.read() as tx:
        assert await tx.episodes.newest() == []
        assert await tx.episodes.unfinished() == []
        assert await tx.episodes.told_since(WallClock().now() - HOUR) == []
        assert await tx.episodes.page(10) == []  # what the API lists,
        assert await tx.overview.episodes(10) == []  # and pages and notebooks
        # It is there for whoever asks for it.
        assert [e.id for e in await tx.episodes.page(10, kinds=[Kind.TEST])] == [1]
        assert [e.id for e in await tx.overview.episodes(10, kind="test")] == [1]
        test = await tx.episodes.get(1)
        (delivery,) = await tx.outbox.deliveries(1)
    assert test is not None
    assert test.kind is Kind.TEST
    assert delivery.message_id == messages[1].id
    (again,) = await said(server, person, "/test")
    assert again == hushing.TEST_TOO_OFTEN


async def test_a_test_says_what_would_hold_a_real_alert_back_and_arrives_all_the_same(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    async with store.begin() as tx:
        await tx.subscriptions.subscribe(Subscription(chat_id=person.id, made_at=WallClock().now()))
    await run_bot()
    await said(server, person, "/mute 3h", "/digest daily only")
    person.say("/test")
    messages = await server.received(person.id, 5)
    first = bare(messages[2].text)
    assert "would be held back now (everything is muted until" in first
    assert "would be held back now (alerts wait for the digest of" in first
    assert hushing.TEST_HEADLINE in messages[3].text


async def test_a_test_that_does_not_arrive_says_where_it_is_and_why(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await bela(server, store)
    await run_bot()
    server.faults.add(
        Fault(
            harm=Harm.REFUSE,
            method="sendMessage",
            chat=str(person.id),
            skip=1,
            times=1,
            code=400,
            description="Bad Request: message is too silly",
        )
    )
    person.say("/test")
    _, last = await server.received(person.id, 2)
    assert "has not arrived" in last.text
    assert "given up" in last.text
    assert "message is too silly" in last.text
