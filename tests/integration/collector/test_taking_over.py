"""A channel that takes over while another is quiet, or is announced by it: found, told, watched at a tap."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collector.config import ChannelConfig
from domain.candidate import Candidate, CandidateState
from domain.channel import ChannelChange
from domain.episode import Episode, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.post import Forward
from sandbox.channel import Channel
from sandbox.web.server import WebPreview
from storage.store import Store
from tests.support.collecting import collecting, eventually
from tests.support.telegram import Telegram
from tests.support.web import watching_the_web


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested with the bot's button."""
    return "sqlite"


def watched(channel: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return channel.id in await tx.watch.until()

    return true


def candidate(channel: Channel) -> Callable[[Any], Awaitable[Candidate | None]]:
    async def true(tx: Any) -> Candidate | None:
        found = await tx.candidates.of(channel.id)
        return found[0] if found else None

    return true


async def silence(store: Store, channel: Channel) -> None:
    """As the engine stores it, open since the channel's last post."""
    newest = channel.newest()
    assert newest is not None
    async with store.begin() as tx:
        await tx.episodes.save(
            Episode(
                id=0,
                kind=Kind.SILENCE,
                subject=Subject(channel_id=channel.id),
                state=State.OPEN,
                since_at=newest.posted_at,
                found_at=newest.posted_at + timedelta(minutes=1),
                opened_at=newest.posted_at + timedelta(minutes=2),
                verdict=Verdict.confirmed(Cause.UNEXPLAINED),
            )
        )


HASTE = {"return_every": "0.4s"}


async def test_a_channel_that_a_quiet_one_links_to_and_that_posts_meanwhile_is_told_with_evidence(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    world = telegram.world
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    rival = telegram.channel("Falcon Reserve", "falcon_reserve", posts=2, joined=False, audience=8_400)
    idle = telegram.channel("Falcon Idle", "falcon_idle", posts=0, joined=False)
    world.post(idle, "long ago", at=world.clock.now() - timedelta(days=9))
    links = "see https://t.me/falcon_reserve/1 and @falcon_idle and @falcon_news"
    world.post(channel, links, at=world.clock.now() - timedelta(minutes=5))
    async with collecting(telegram, store, [channel], preview={"base": preview.url}, **HASTE) as task:
        await eventually(store, watched(channel), task=task)
        world.post(rival, "we go on here")
        world.post(rival, "and on")
        await silence(store, channel)
        found = await eventually(store, candidate(channel), task=task)
        assert (found.handle, found.number, found.title) == ("falcon_reserve", rival.id, "Falcon Reserve")
        assert found.state is CandidateState.FOUND
        said = " ".join(found.evidence)
        assert "Named in 1 of the last 4 posts, last in post 4" in said
        assert "“Falcon Reserve” has posted 2 times since" in said
        assert "about 8,400 members" in said
    async with store.read() as tx:
        assert [c.handle for c in await tx.candidates.of(channel.id)] == ["falcon_reserve"]
        events = [e for _, e in await tx.channels.events_after(0) if e.change is ChannelChange.CANDIDATE]
    assert [e.after for e in events] == ["@falcon_reserve"]


async def test_a_source_of_forwards_is_known_by_its_number_and_asked_for_its_handle(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    world = telegram.world
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    source = telegram.channel("Heron News", "heron_news", posts=2, joined=False)
    relayed = Forward(channel_id=source.id, post_id=2)
    world.post(channel, "relayed", forward=relayed, at=world.clock.now() - timedelta(minutes=5))
    async with collecting(telegram, store, [channel], preview={"base": preview.url}, **HASTE) as task:
        await eventually(store, watched(channel), task=task)
        world.post(source, "takes over")
        await silence(store, channel)
        found = await eventually(store, candidate(channel), task=task)
    assert (found.handle, found.number) == ("heron_news", source.id)
    assert "1 of the last 4 posts were forwarded from it." in found.evidence


async def test_a_description_that_names_another_channel_speaks_for_it(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    past = telegram.world.clock.now() - timedelta(minutes=5)
    channel = telegram.channel("Falcon News", "falcon_news", about="Reserve: @falcon_reserve")
    telegram.world.post(channel, "the last one", at=past)
    rival = telegram.channel("Falcon Reserve", "falcon_reserve", posts=2, joined=False)
    async with collecting(telegram, store, [channel], preview={"base": preview.url}, **HASTE) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.post(rival, "we go on here")
        await silence(store, channel)
        found = await eventually(store, candidate(channel), task=task)
    assert (found.handle, found.evidence[0]) == ("falcon_reserve", "Its description names it.")


async def test_an_announced_move_is_told_while_the_channel_still_posts(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    telegram.channel("Falcon 2", "falcon_two", posts=1, joined=False)
    async with collecting(telegram, store, [channel], preview={"base": preview.url}, **HASTE) as task:
        await eventually(store, watched(channel), task=task)

        async def scouts(tx: Any) -> Any:
            return await tx.marks.get("scout")

        await eventually(store, scouts, task=task)
        telegram.world.post(channel, "تابعوا قناتنا الجديدة @falcon_two")
        found = await eventually(store, candidate(channel), task=task)
    assert found.handle == "falcon_two"
    assert found.evidence[0].startswith("Post 4 of ")
    assert "قناتنا الجديدة" in found.evidence[0]


async def ask(store: Store, number: int) -> None:
    """As the bot does when somebody taps the button."""
    async with store.begin() as tx:
        await tx.candidates.ask(number, "Sara (5)", (await tx.candidates.get(number)).found_at)
        tx.notify("candidates")


async def found_for(store: Store, channel: Channel, handle: str) -> Candidate:
    async with store.begin() as tx:
        at = channel.created_at
        made = Candidate(id=0, channel_id=channel.id, handle=handle, title="Reserve", found_at=at)
        stored, is_new = await tx.candidates.put(made)
        again, is_new_again = await tx.candidates.put(replace(made, evidence=("more",)))
    assert (is_new, is_new_again, again.id, again.evidence) == (True, False, stored.id, ("more",))
    return stored


async def test_a_candidate_that_is_asked_for_is_watched_at_once_and_after_a_restart(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    rival = telegram.channel("Falcon Reserve", "falcon_reserve", posts=2, joined=False)
    config = ChannelConfig(handle="falcon_news", group="falcons", zone="Asia/Baghdad")
    async with collecting(telegram, store, [config], preview={"base": preview.url}) as task:
        await eventually(store, watched(channel), task=task)
        made = await found_for(store, channel, "falcon_reserve")
        await ask(store, made.id)
        await eventually(store, watched(rival), task=task)
        async with store.read() as tx:
            assert (await tx.candidates.get(made.id)).state is CandidateState.WATCHED
            new = await tx.channels.get(rival.id)
        assert (new.group, new.zone) == ("falcons", "Asia/Baghdad")
    async with collecting(telegram, store, [config], preview={"base": preview.url}) as task:
        telegram.world.post(rival, "after a restart")

        async def stored(tx: Any) -> Any:
            return await tx.posts.get(rival.id, rival.top_id)

        await eventually(store, stored, task=task)
    async with store.read() as tx:
        changes = [e.change for _, e in await tx.channels.events_after(0) if e.channel_id == rival.id]
    assert ChannelChange.RETIRED not in changes


async def test_a_candidate_of_a_channel_read_from_the_web_is_read_from_there_too(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    rival = telegram.channel("Falcon Reserve", "falcon_reserve", posts=2, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, watched(channel), task=task)
        await ask(store, (await found_for(store, channel, "falcon_reserve")).id)
        await eventually(store, watched(rival), task=task)
    assert telegram.log.counts == {}
