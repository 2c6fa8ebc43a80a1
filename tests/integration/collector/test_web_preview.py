"""Channels read from their public preview, without any account: posts, spans, gaps and fates as by the other
way.
"""

from typing import Any

import pytest

from collector.config import AccountConfig, ChannelConfig
from collector.run import collect
from domain.channel import Channel as KnownChannel
from domain.channel import ChannelChange, ChannelStatus
from domain.clock import WallClock
from domain.errors import DeadairError
from domain.post import Entity, Forward, How, Media, PostKind
from domain.watch import GapCause
from sandbox.channel import Channel
from sandbox.web.server import WebFault, WebPreview
from storage.store import Store
from tests.support.collecting import eventually
from tests.support.standing import open_gap
from tests.support.telegram import Telegram, until
from tests.support.web import by_web, watching_the_web


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested with the account's way."""
    return "sqlite"


def holds(channel: Channel, number: int) -> Any:
    async def true(tx: Any) -> Any:
        return await tx.posts.get(channel.id, number)

    return true


def event(channel: Channel, change: ChannelChange) -> Any:
    async def true(tx: Any) -> Any:
        events = [e for _, e in await tx.channels.events_after(0)]
        return next((e for e in events if e.channel_id == channel.id and e.change is change), None)

    return true


async def test_posts_and_spans_come_without_an_account(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False, audience=12_345)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        telegram.world.post(channel, "breaking & entering\nsecond line")
        post = await eventually(store, holds(channel, 4), task=task)
        assert (post.text, post.how) == ("breaking & entering\nsecond line", How.POLLED)

        async def watched(tx: Any) -> bool:
            spans = await tx.watch.spans(channel.id)
            return any(s.account == "web" and s.how is How.POLLED and s.to_at > post.posted_at for s in spans)

        await eventually(store, watched, task=task)
    async with store.read() as tx:
        found = await tx.channels.get(channel.id)
        assert (found.title, found.handle, found.audience) == ("Falcon News", "falcon_news", 12_300)
        assert (await open_gap(tx, channel.id, "web")).cause is GapCause.OUR_STOP
        assert (await tx.marks.get("collector.account.web"))["state"] == "stopped"
    assert {each.agent for each in preview.log} == {"Deadair (monitor of public channels)"}
    assert telegram.log.counts == {}


async def test_everything_a_page_shows_of_a_post_is_kept(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, joined=False, signs=True)
    origin = telegram.channel("Heron News", "heron_news", posts=7, joined=False)
    world = telegram.world
    bold = (
        Entity(kind="bold", offset=3, length=4),
        Entity(kind="text_url", offset=8, length=4, url="https://x.example/a"),
    )
    world.post(channel, "🚀 bold link", entities=bold, views=1234, author="Abu X", reply_to=1)
    world.post(channel, "relayed", forward=Forward(channel_id=origin.id, post_id=7))
    world.post_album(channel, [Media(kind="photo"), Media(kind="video", duration=75)], "an album")
    poll = Media(kind="poll", detail={"question": "Why?", "answers": ["a", "b"], "counts": [3, 1]})
    world.post(channel, media=poll)
    world.post(channel, media=Media(kind="document", name="list.pdf", size=2048))
    world.rename(channel, "Falcon Daily")
    world.react(channel, 2, {"👍": 1500})
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, channel.top_id), task=task)
    async with store.read() as tx:
        posts = {p.id: p async for p in tx.posts.of(channel.id)}
    assert posts[2].entities == bold
    assert (posts[2].views, posts[2].author, posts[2].reply_to) == (1230, "Abu X", 1)
    assert posts[2].raw == {"reactions": {"👍": 1500}}
    assert (posts[3].forward.name, posts[3].forward.post_id) == ("Heron News", 7)
    assert posts[3].raw == {"forwarded_from": "heron_news"}
    assert [posts[n].text for n in (4, 5)] == ["an album", ""]
    assert posts[4].album_id == posts[5].album_id == 4
    assert [(posts[n].media.kind, posts[n].media.duration) for n in (4, 5)] == [
        ("photo", None),
        ("video", 75),
    ]
    assert posts[6].media.detail["percents"] == [75, 25]
    assert (posts[7].media.name, posts[7].media.size) == ("list.pdf", 2048)
    assert posts[8].kind is PostKind.SERVICE
    assert {n: p.posted_at for n, p in posts.items()} == {
        n: channel.posts[n].posted_at.replace(microsecond=0) for n in channel.ids
    }


async def test_history_and_what_came_while_away_are_read_page_by_page(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=95, joined=False)

    def whole(n: int) -> Any:
        async def true(tx: Any) -> bool:
            cursor = await tx.posts.cursor(channel.id)
            return cursor is not None and cursor.complete and await tx.posts.count(channel.id) == n

        return true

    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, whole(95), task=task)
    for n in range(70):
        telegram.world.post(channel, f"while away {n}")
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, whole(165), task=task)

        async def mended(tx: Any) -> bool:
            return await open_gap(tx, channel.id, "web") is None

        await eventually(store, mended, task=task)
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
        newest = await tx.posts.newest(channel.id, 1)
        gaps = await tx.watch.gaps(channel.id)
    # Back to the first post, but for what is younger than the last look.
    assert seen.at(channel.posts[1].posted_at.replace(microsecond=0))
    assert seen.at(newest[0].posted_at)
    assert [gap.missing.value for gap in gaps[:1]] == ["edits"]


async def test_what_is_shut_while_it_is_read_is_not_taken_for_read(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
    for n in range(70):
        telegram.world.post(channel, f"while away {n}")
    preview.faults.append(WebFault(status=302, path="/s/falcon_news?before="))

    async def whole(tx: Any) -> bool:
        return await tx.posts.count(channel.id) == 73 and await open_gap(tx, channel.id, "web") is None

    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, whole, task=task)


async def test_a_page_that_has_not_changed_is_not_sent_again(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await until(lambda: sum(each.status == 304 for each in preview.log) >= 3)
        async with store.read() as tx:
            before = (await tx.posts.cursor(channel.id)).checked_at

        async def later(tx: Any) -> bool:
            return (await tx.posts.cursor(channel.id)).checked_at > before

        await eventually(store, later, task=task)
    assert preview.counts["/robots.txt"] == 1


async def test_edits_and_deletions_are_found_and_a_deletion_is_asked_twice(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=9, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 9), task=task)
        telegram.world.edit(channel, 4, "corrected")
        telegram.world.delete(channel, 6)

        async def known(tx: Any) -> bool:
            deleted = [d.post_id for d in await tx.posts.deletions(channel.id)]
            revised = [r.text for r in await tx.posts.revisions(channel.id, 4)]
            return deleted == [6] and revised == ["corrected"]

        await eventually(store, known, task=task)
    assert any("before=10" in each.path for each in preview.log)


async def test_a_server_that_refuses_is_a_gap_and_is_left_alone(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        preview.faults.append(WebFault(status=429, retry_after=1, path="/s/"))
        await until(lambda: any(each.status == 429 for each in preview.log))
        asked = len(preview.log)

        async def throttled(tx: Any) -> Any:
            gap = await open_gap(tx, channel.id, "web")
            return gap is not None and gap.cause is GapCause.FLOOD

        await eventually(store, throttled, task=task)
        assert len(preview.log) == asked
        telegram.world.post(channel, "meanwhile")
        await eventually(store, holds(channel, 4), task=task)


async def test_a_lost_line_is_a_gap_that_ends_when_it_is_back(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        cut = WebFault(drop=True, times=None)
        preview.faults.append(cut)

        async def blind(tx: Any) -> Any:
            gap = await open_gap(tx, channel.id, "web")
            return gap is not None and gap.cause is GapCause.LINK

        await eventually(store, blind, task=task)
        preview.faults.remove(cut)
        telegram.world.post(channel, "back")
        await eventually(store, holds(channel, 4), task=task)

        async def mended(tx: Any) -> bool:
            return await open_gap(tx, channel.id, "web") is None

        await eventually(store, mended, task=task)


async def test_markup_that_cannot_be_read_is_no_silence(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        preview.faults.append(WebFault(status=200, body="<html><p>All new!</p></html>", times=None))

        async def blind(tx: Any) -> Any:
            gap = await open_gap(tx, channel.id, "web")
            return gap if gap is not None and gap.cause is GapCause.UNKNOWN else None

        gap = await eventually(store, blind, task=task)
        assert "no preview that we can read" in gap.detail


async def test_robots_are_obeyed(telegram: Telegram, preview: WebPreview, store: Store) -> None:
    telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    preview.robots = "User-agent: *\nDisallow: /s/\n"

    async def told(tx: Any) -> Any:
        return (await tx.marks.get("collector.unresolved.falcon_news")).get("why")

    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        why = await eventually(store, told, task=task)
    assert "robots.txt" in why
    assert set(preview.counts) == {"/robots.txt"}


@pytest.mark.parametrize("fate", ["preview", "private", "deleted"])
async def test_a_preview_that_ends_is_no_silence_and_a_return_is_told(
    telegram: Telegram, preview: WebPreview, store: Store, fate: str
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        match fate:
            case "preview":
                channel.preview = False
            case "private":
                telegram.world.make_private(channel)
            case _:
                telegram.world.delete_channel(channel)
        gone = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        expected = ChannelStatus.HIDDEN if fate == "preview" else ChannelStatus.UNRESOLVED
        assert gone.status is expected
        assert "@falcon_news" in gone.evidence
        if fate == "preview":
            channel.preview = True
            telegram.world.post(channel, "shown again")
            await eventually(store, event(channel, ChannelChange.BACK), task=task)
            await eventually(store, holds(channel, 4), task=task)


async def test_a_handle_that_leads_to_another_channel_brings_none_of_its_posts(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        impostor = telegram.world.take_handle(channel, "Falcon News (official)")
        telegram.world.post(impostor, "believe me")
        taken = await eventually(store, event(channel, ChannelChange.HANDLE_TAKEN), task=task)
        assert (taken.before, taken.after) == ("falcon_news", str(impostor.id))
        gone = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        assert gone.status is ChannelStatus.UNRESOLVED
    async with store.read() as tx:
        assert await tx.posts.count(impostor.id) == 0
        assert await tx.posts.count(channel.id) == 3


async def test_a_rename_is_an_event(telegram: Telegram, preview: WebPreview, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        telegram.world.rename(channel, "Falcon Daily")
        renamed = await eventually(store, event(channel, ChannelChange.RENAMED), task=task)
        assert (renamed.before, renamed.after) == ("Falcon News", "Falcon Daily")


async def test_what_befell_a_channel_before_it_came_to_be_read_from_the_web_is_told(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon Abroad", "falcon_news", posts=1, joined=False)
    async with store.begin() as tx:
        as_an_account_knew_it = KnownChannel(
            id=channel.id, title="Falcon News", handle="falcon_news", flags=("scam",)
        )
        await tx.channels.save(as_an_account_knew_it, WallClock().now())
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        found = await eventually(store, event(channel, ChannelChange.RENAMED), task=task)
    assert (found.before, found.after) == ("Falcon News", "Falcon Abroad")
    async with store.read() as tx:
        assert (await tx.channels.get(channel.id)).flags == ("scam",)


async def test_what_is_no_channel_with_a_preview_is_told_and_the_others_go_on(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, joined=False)
    shut = telegram.channel("Shut News", "shut_news", posts=1, joined=False)
    shut.preview = False
    async with watching_the_web(preview, store, ["no_such_name", "shut_news", "falcon_news"]) as task:
        await eventually(store, holds(channel, 1), task=task)
        async with store.read() as tx:
            nobody = await tx.marks.get("collector.unresolved.no_such_name")
            no_preview = await tx.marks.get("collector.unresolved.shut_news")
        assert "nobody goes by the name @no_such_name" in nobody["why"]
        assert "it has no preview" in no_preview["why"]
        shut.preview = True
        await eventually(store, holds(shut, 1), task=task)


async def test_a_collector_with_an_account_and_no_login_still_reads_the_web(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 1), task=task)
    needy = [ChannelConfig(handle="heron_news")]
    with pytest.raises(DeadairError, match="no account watches") as refused:
        await collect(by_web(preview), [], needy, store, WallClock(), app=None)
    assert 'source = "web"' in refused.value.hint
    with pytest.raises(DeadairError, match="application id is not given"):
        await collect(by_web(preview), [AccountConfig(name="main")], needy, store, WallClock(), app=None)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"id": 5}, "needs a handle"),
        ({"handle": "@falcon_news", "account": "main"}, "without an account"),
        ({"handle": "@falcon_news", "join": True}, "joins nothing"),
    ],
)
def test_a_web_channel_that_asks_for_what_the_web_has_not_is_refused(
    entry: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        ChannelConfig.model_validate({"source": "web", **entry})


def test_no_account_may_go_by_the_name_of_the_preview() -> None:
    with pytest.raises(ValueError, match="another name"):
        AccountConfig(name="web")
