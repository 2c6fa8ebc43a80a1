"""What one can ask the bot of a channel, over HTTP."""

import io
from dataclasses import replace

import pytest
from matplotlib.image import imread

from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import State, Subject
from domain.watch import Gap, GapCause
from sandbox.botapi.membership import open_topic
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import an_episode, let_in
from tests.support.asking import HOUR, analyst, channel_with_a_past, plain
from tests.support.tapping import labels


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
