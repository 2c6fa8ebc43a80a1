"""What one can ask the bot, over HTTP."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from matplotlib.image import imread

from archive.parse import parse
from bot.finding import Found, Hit
from bot.naming import Names
from domain.channel import Channel
from domain.claim import ArchivedClaim, Claim, ClaimKind, Span
from domain.clock import WallClock
from domain.episode import State, Subject
from domain.errors import DeadairError
from domain.finding import Kind
from domain.post import How, Post
from domain.reading import Reading
from domain.subscription import Subscriber
from domain.watch import Gap, GapCause, WatchSpan
from sandbox.botapi.membership import open_topic
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import an_episode, let_in
from tests.support.tapping import labels

HOUR = timedelta(hours=1)
VERSION = 1
NAMES = Names(
    known={
        "en": {
            "actor": {"kh": "Kataib Hezbollah", "houthis": "Houthis"},
            "place": {"harir": "Harir", "red_sea": "Red Sea"},
            "weapon": {"drone": "drone"},
        },
        "ar": {
            "actor": {"kh": "كتائب حزب الله"},
            "place": {"harir": "حرير"},
            "weapon": {"drone": "طائرة مسيرة"},
        },
    }
)


def plain(message: Message) -> str:
    words = message.text
    return words.translate(dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200f")))


async def analyst(server: BotApiServer, store: Store, language: str = "en") -> Person:
    person = server.person("Bela", started=True)
    await let_in(store, person.id)
    if language != "en":
        async with store.begin() as tx:
            await tx.subscriptions.let_in(
                Subscriber(
                    chat_id=person.id, name="Bela", role=(await tx.subscriptions.subscriber(person.id)).role,  # type: ignore[union-attr]
                    language=language, zone="Asia/Baghdad", let_in_at=WallClock().now(), let_in_by="a test",
                )
            )  # fmt: skip
    return person


async def channel_with_a_past(
    store: Store,
    number: int = 1001,
    *,
    days: int = 40,
    every: timedelta = HOUR,
    handle: str | None = "chan_1",
) -> Channel:
    """A post an hour for weeks, watched but for six hours three days ago."""
    now = WallClock().now()
    channel = Channel(id=number, title=f"Channel {number}", handle=handle, group="network", country="IQ")
    hole = now - timedelta(days=3)
    start = now - timedelta(days=days)
    n = int(timedelta(days=days) / every)
    posts = [
        Post(
            channel_id=number, id=i + 1, posted_at=start + i * every, seen_at=start + i * every, how=How.LIVE,
            text=f"Statement {i + 1}",
        )
        for i in range(n)
        if not hole <= start + i * every < hole + 6 * HOUR
    ]  # fmt: skip
    async with store.begin() as tx:
        await tx.channels.save(channel, now)
        await tx.posts.put(posts)
        for a, b in ((start, hole), (hole + 6 * HOUR, now)):
            await tx.watch.extend(WatchSpan(channel_id=number, account="a", from_at=a, to_at=b, how=How.LIVE))
        readings = [
            Reading(
                channel_id=number, post_id=p.id, posted_at=p.posted_at, reader_version=VERSION, language="en",
            )
            for p in posts
        ]  # fmt: skip
        await tx.readings.put(readings)
        await tx.tallies.add(readings)
        await tx.readings.go_live(VERSION, now)
    return channel


async def test_a_channel_is_shown_with_its_rhythm_and_today_against_normal(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await channel_with_a_past(store)
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/channel @chan_1")
    (message,) = await server.received(bela.id)
    words = plain(message)
    assert words.startswith("Channel 1001 @chan_1\nnetwork, Iraq\nStatus: can be read.")
    assert "Watched without a gap since" in words
    assert "where" in words
    assert "were to be expected: usually" in words
    assert "Usually about 24 posts a day." in words
    assert "Without another post, its silence is news from" in words
    assert "Its rhythm is known: it is judged by it alone." in words
    assert "Last posts:" in words
    assert "Statement" in words
    assert labels(message) == ["1 day", "30 days", "90 days"]
    png = message.photo
    assert png is not None
    assert imread(io.BytesIO(png), format="png").shape[1] == 1080


async def test_a_channel_of_which_nothing_is_known_is_shown_without_a_chart(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=5, title="<b>New</b> & co"), WallClock().now())
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/channel 5")
    (message,) = await server.received(bela.id)
    assert plain(message) == (
        "<b>New</b> & co\nStatus: can be read.\n\nIt has not been watched yet.\n\n"
        "Its rhythm is not known yet: nothing can be said about what is normal.\n\nNo post of it is known."
    )


async def test_what_goes_on_and_what_we_cannot_see_is_part_of_it(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await channel_with_a_past(store)
    now = WallClock().now()
    async with store.begin() as tx:
        episode = an_episode(
            id=0, since_at=now - 5 * HOUR, subject=Subject(channel_id=1001), state=State.OPEN
        )
        await tx.episodes.save(episode)
        gap = Gap(channel_id=1001, account="a", from_at=now - HOUR, to_at=None, cause=GapCause.FLOOD)
        await tx.watch.add_gap(gap)
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/channel chan_1")
    (message,) = await server.received(bela.id)
    words = plain(message)
    assert "Going on:\n• Channel 1001: silent for 5 h, since" in words
    assert "Telegram makes us wait." in words
    assert "its silence is news from" not in words
    bela.say("/status")
    status = plain((await server.received(bela.id, 2))[-1])
    assert "Channel 1001: silent for 5 h" in status
    assert "Channel 1001: out of our sight since" in status
    assert "without a gap only since" not in status
    assert "Without a gap since" in status


@pytest.mark.parametrize("command", ["/channel", "/chart"])
async def test_an_unknown_name_is_answered_with_the_nearest(
    run_bot: Serve, server: BotApiServer, store: Store, command: str
) -> None:
    await channel_with_a_past(store, days=10)
    bela = await analyst(server, store)
    await run_bot()
    bela.say(f"{command} @chan_2")
    bela.say(command)
    first, second = await server.received(bela.id, 2)
    assert plain(first) == "I watch no channel called @chan_2. Did you mean @chan_1?"
    assert plain(second).endswith(f"Say {command} @name.") or plain(second).endswith("Say /chart @name 7d.")


async def test_a_chart_is_drawn_of_any_span_between_two_hours_and_ninety_days(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await channel_with_a_past(store)
    bela = await analyst(server, store)
    await run_bot()
    for n, (asked, said) in enumerate((("", "7 d"), ("2h", "2 h"), ("90d", "90 d")), 1):
        bela.say(f"/chart @chan_1 {asked}".strip())
        message = (await server.received(bela.id, n))[-1]
        assert plain(message) == f"Channel 1001: the last {said}"
        assert (message.photo or b"").startswith(b"\x89PNG")
    bela.press("7 days")
    await server.until(lambda: message.edits)
    assert plain(message) == "Channel 1001: the last 7 d"
    for n, asked in enumerate(("1h", "91d", "7parsecs", "0d", "99999999999w"), 4):
        bela.say(f"/chart @chan_1 {asked}")
        message = (await server.received(bela.id, n))[-1]
        assert plain(message).startswith(f"{asked} is no span of time that I can draw: say 2h to 90d")


async def test_another_span_is_shown_in_the_topic_of_the_forum_in_which_it_is_asked_for(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    """A channel with much to say does not fit below a picture: the button stands under words then."""
    channel = await channel_with_a_past(store)
    bela = await analyst(server, store)
    forum = server.supergroup("Desk", bela, forum=True)
    talk = open_topic(server.world, forum, bela, "Talk")
    now = WallClock().now()
    async with store.begin() as tx:
        for each in await tx.posts.newest(channel.id, 3):
            long = replace(each, id=each.id + 10_000, text="a long statement on everything " * 20)
            await tx.posts.put([long])
        gap = Gap(channel_id=channel.id, account="a", from_at=now - HOUR, to_at=None, cause=GapCause.FLOOD)
        await tx.watch.add_gap(gap)
        for n in range(6):
            episode = an_episode(
                id=0,
                since_at=now - 5 * HOUR,
                state=State.OPEN,
                subject=Subject(channel_id=1001, topic=f"topic {n}"),
            )
            await tx.episodes.save(episode)
    await let_in(store, forum.id)
    await run_bot()
    bela.say("/channel @chan_1", chat=forum, topic=talk.id)
    picture, words = await server.received(forum.id, 2)
    assert (picture.thread_id, words.thread_id) == (talk.id, talk.id)
    bela.press("30 days", words, chat=forum)
    other = (await server.received(forum.id, 3))[-1]
    assert (other.photo or b"").startswith(b"\x89PNG")
    assert other.thread_id == talk.id


async def claimed(store: Store, n: int = 12) -> None:
    now = WallClock().now()
    words = "Kataib Hezbollah struck Harir with drones"
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=7, title="Claims <i>", handle="claims"), now)
        posts = [
            Post(
                channel_id=7, id=i + 1, posted_at=now - timedelta(hours=i + 1), seen_at=now, how=How.LIVE,
                text=f"#{i + 1} {words}",
            )
            for i in range(n)
        ]  # fmt: skip
        await tx.posts.put(posts)
        await tx.claims.put(
            ArchivedClaim(
                channel_id=7, post_id=p.id, number=1, reader_version=VERSION,
                posted_at=p.posted_at, from_at=now,
                claim=Claim(
                    kind=ClaimKind.RESPONSIBILITY, claimant="kh" if p.id % 2 else "houthis",
                    location="harir" if p.id % 3 else "red_sea", weapons=("drone",), country="IQ",
                    evidence=(Span(field="claimant", start=0, end=len(p.text), rule="r"),),
                ),
            )
            for p in posts
        )  # fmt: skip
        await tx.readings.go_live(VERSION, now)


async def test_claims_are_listed_by_page_by_claimant_and_by_place(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store)
    bela = await analyst(server, store)
    await run_bot(names=NAMES)
    bela.say("/claims")
    (message,) = await server.received(bela.id)
    words = plain(message)
    assert words.startswith("Latest claims and reports of attacks\n\n")
    assert words.count("“#") == 5
    assert "claimed · where: Harir · with: drone · in Claims <i>" in words
    assert "“#1 Kataib Hezbollah struck Harir with drones”" in words
    assert words.endswith("Page 1")
    bela.press("Next »")
    await server.until(lambda: "#6 " in plain(message))
    bela.press("Next »")
    await server.until(lambda: "#11 " in plain(message))
    assert "Next »" not in labels(message)
    bela.press("By claimant")
    await server.until(lambda: "Kataib Hezbollah (6)" in labels(message))
    bela.press("Kataib Hezbollah (6)")
    await server.until(lambda: plain(message).startswith("Claims by Kataib Hezbollah"))
    assert "Houthis" not in plain(message)
    bela.press("By place")
    await server.until(lambda: labels(message)[:2] == ["Harir (8)", "Red Sea (4)"])
    bela.press("Red Sea (4)")
    await server.until(lambda: plain(message).startswith("Claims about Red Sea"))
    assert plain(message).count("“#") == 4


async def test_claims_are_asked_for_by_name_and_an_unknown_one_is_answered_with_the_nearest(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store)
    bela = await analyst(server, store)
    await run_bot(names=NAMES)
    for words in ("/claims كتائب حزب الله", "/claims red sea", "/claims Kataib Hizbollah", "/claims zzz"):
        bela.say(words)
    answers = [plain(m) for m in await server.received(bela.id, 4)]
    assert answers[0].startswith("Claims by Kataib Hezbollah")
    assert answers[1].startswith("Claims about Red Sea")
    assert answers[2] == (
        "I know neither a claimant nor a place called Kataib Hizbollah. Did you mean Kataib Hezbollah?"
    )
    assert answers[3] == "I know neither a claimant nor a place called zzz."


async def test_a_claim_that_was_withdrawn_is_not_among_them(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store, 1)
    async with store.begin() as tx:
        (found,) = await tx.claims.of_post(7, 1, VERSION)
        await tx.claims.supersede([(found.id, WallClock().now())])
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/claims")
    (message,) = await server.received(bela.id)
    assert plain(message) == "No claim of an attack is known yet."


#: Of another year than this one, whenever this is run.
AT = datetime(2019, 3, 1, 12, tzinfo=UTC)


async def found(words: str, after: str | None, limit: int) -> Found:
    """A search over forty posts that knows what it cannot read."""
    if words == "(":
        raise DeadairError("a bracket is open", hint="close it")
    if words == "nothing":
        return Found(hits=())
    first = int(after or 0)
    hits = tuple(
        Hit(
            channel_id=7, post_id=n + 1, posted_at=AT - n * HOUR, words=f"{words} no. {n + 1}", is_gone=n == 1
        )
        for n in range(first, min(first + limit, 12))
    )
    return Found(hits=hits, after=str(first + limit) if first + limit < 12 else None, not_yet=3)


async def test_found_posts_come_by_page(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    await claimed(store, 1)
    bela = await analyst(server, store)
    await run_bot(search=found)
    bela.say("/search drone <b>base</b>")
    (message,) = await server.received(bela.id)
    words = plain(message)
    assert words.startswith(
        "Found for drone <b>base</b>\n\n• Fri 1 Mar 2019 12:00 · Claims <i>\ndrone <b>base</b> no. 1"
    )
    assert "Fri 1 Mar 2019 11:00 · Claims <i> · deleted since" in words
    assert words.endswith("Page 1\nPosts not searchable yet: 3.")
    bela.press("Next »")
    await server.until(lambda: "no. 6" in plain(message))
    bela.press("Next »")
    await server.until(lambda: "no. 12" in plain(message))
    assert labels(message) == ["« Back"]
    bela.press("« Back")
    await server.until(lambda: plain(message).endswith("Page 2\nPosts not searchable yet: 3."))


async def test_words_that_cannot_be_searched_for_are_answered_with_what_to_do(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = await analyst(server, store)
    await run_bot(search=found)
    for words in ("/search (", "/search nothing", "/search"):
        bela.say(words)
    assert [plain(m) for m in await server.received(bela.id, 3)] == [
        "I cannot search for that: a bracket is open. Try this: close it.",
        "Nothing was found for nothing.",
        "What shall I search for? Say /search words.",
    ]


@pytest.mark.parametrize(
    ("language", "said", "instead"),
    [
        ("en", "at character 5 of 'one (two': this bracket is never closed", "put ) behind what it holds"),
        ("ar", "عند الحرف ٥ من 'one (two': هذا القوس لم يُغلق", "ضع ) بعد ما يحويه"),
        ("fa", "در نویسهٔ ۵ از 'one (two': این پرانتز بسته نشده است", "پس از محتوای آن ) بگذارید"),
    ],
)
async def test_why_words_cannot_be_read_is_said_in_the_language_of_the_chat_with_its_place(
    run_bot: Serve, server: BotApiServer, store: Store, language: str, said: str, instead: str
) -> None:
    async def proved(words: str, after: str | None, limit: int) -> Found:
        parse(words)
        return Found(hits=())

    bela = await analyst(server, store, language)
    await run_bot(search=proved)
    bela.say("/search one (two")
    (message,) = await server.received(bela.id)
    assert said in plain(message)
    assert instead in plain(message)


async def test_without_a_search_that_is_said(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/search drones")
    inquiry = bela.inline("drones")
    (message,) = await server.received(bela.id)
    assert plain(message) == "Search is not part of this installation."
    await server.until(lambda: inquiry.results is not None)
    assert inquiry.results == []


async def test_inline_mode_offers_found_posts_to_those_who_are_let_in_and_to_nobody_else(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store, 1)
    bela = await analyst(server, store)
    stranger = server.person("Stranger", started=True)
    await run_bot(search=found)
    mine, bad, theirs = bela.inline("drone & base"), bela.inline("("), stranger.inline("drone")
    await server.until(lambda: all(i.results is not None for i in (mine, bad, theirs)))
    assert mine.results is not None
    assert len(mine.results) == 12
    assert mine.results[0]["title"] == "Claims <i>, Fri 1 Mar 2019 12:00"
    assert "drone & base no. 1" in mine.results[0]["input_message_content"]["message_text"]
    assert bad.results == theirs.results == []
    assert mine.options["is_personal"] in (True, "true")


async def test_answers_are_in_the_readers_language_and_digits(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store)
    await channel_with_a_past(store)
    bela = await analyst(server, store, "ar")
    await run_bot(names=NAMES)
    bela.say("/claims")
    bela.say("/channel @chan_1")
    claims, channel = await server.received(bela.id, 2)
    assert "كتائب حزب الله" in claims.text
    assert "حرير" in claims.text
    assert "طائرة مسيرة" in claims.text
    assert "العراق" in (channel.text)
    assert "بتوقيت بغداد" in (channel.text)
    kinds = {k.value for k in Kind}
    assert not any(kind in plain(channel) for kind in kinds)
