"""Who may enter, and that nobody else gets anything."""

import asyncio
import re

import pytest
from sqlalchemy import text

from bot.texts import choosing, door
from domain.change import What
from domain.channel import Channel
from domain.clock import WallClock
from domain.subscription import Role, Subscription
from sandbox.botapi.chats import Standing
from sandbox.botapi.membership import open_topic, set_bot, set_member
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in, put_out

EVERY_COMMAND = (
    "start", "stop", "subscribe", "unsubscribe", "subscriptions", "status", "invite", "help",
    "subscribe all", "invite ops", "start no-such-code",
)  # fmt: skip


async def all_handled(server: BotApiServer) -> None:
    """Wait until the bot has taken in whatever was said."""
    await server.until(lambda: server.world.queue.pending == 0)


async def test_a_stranger_gets_one_polite_line_and_then_nothing(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    stranger = server.person("Stranger")
    await run_bot()
    stranger.say("/status")
    for command in EVERY_COMMAND:
        stranger.say(f"/{command}")
    stranger.say("let me in")
    await all_handled(server)
    assert [m.text for m in stranger.received] == [door.STRANGER]
    async with store.read() as tx:
        assert await tx.subscriptions.subscribers() == []
        assert await tx.subscriptions.of(stranger.id) == []


async def test_a_stranger_cannot_use_the_buttons_of_somebody_else(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    """A group's keyboard is seen by all its members."""
    anna, stranger = server.person("Anna", started=True), server.person("Stranger")
    group = server.group("Desk", anna, stranger)
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1001, title="Falcon Front"), WallClock().now())
    await run_bot(owners=(anna.id,))
    anna.say("/start", chat=group)
    await server.received(group.id, 2)
    press = stranger.press("Falcon Front", chat=group)
    await all_handled(server)
    assert press.answer is None
    async with store.read() as tx:
        assert await tx.subscriptions.of(group.id) == []


async def test_an_owner_of_the_config_is_in_at_the_start_and_is_told_everything(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await run_bot(owners=(anna.id,))
    await server.until(lambda: any(c.method == "getUpdates" for c in server.calls))
    async with store.read() as tx:
        (owner,) = await tx.subscriptions.subscribers()
        (subscription,) = await tx.subscriptions.of(anna.id)
    assert (owner.role, owner.let_in_by) == (Role.OWNER, "config")
    assert (subscription.channel_id, subscription.group, subscription.topic) == (None, None, None)
    await put_out(store, anna.id, payload={}, at=WallClock().now())
    await server.received(anna.id)


async def test_who_is_no_owner_in_the_config_any_more_is_out(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    former = server.person("Former", started=True)
    await let_in(store, former.id, Role.OWNER)
    await run_bot()
    former.say("/invite ops")
    (message,) = await server.received(former.id)
    assert message.text == door.STRANGER


async def invite_link(server: BotApiServer, owner_id: int) -> str:
    """Of the newest message that has one: an owner may be told other things meanwhile."""

    def links() -> list[re.Match[str]]:
        texts = [message.text for message in server.sent(owner_id)]
        return [m for text in texts if (m := re.search(r"https://t\.me/(\w+)\?start=([\w-]+)", text))]

    await server.until(lambda: bool(links()))
    found = links()[-1]
    assert found[1] == server.world.me["username"]
    return found[2]


async def test_an_invite_lets_one_person_in_once(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    anna, bela, third = (server.person("Anna", started=True), server.person("Bela"), server.person("Third"))
    await run_bot(owners=(anna.id,), zone="Asia/Baghdad")
    anna.say("/invite analyst")
    code = await invite_link(server, anna.id)

    bela.start(code)
    first, second = await server.received(bela.id, 2)
    assert "You are let in as analyst" in first.text
    assert choosing.NOTHING_WATCHED in second.text
    third.start(code)
    assert [m.text for m in await server.received(third.id)] == [door.STALE_INVITE]

    async with store.read() as tx:
        subscriber = await tx.subscriptions.subscriber(bela.id)
        assert subscriber is not None
        assert (subscriber.role, subscriber.let_in_by) == (Role.ANALYST, str(anna.id))
        assert subscriber.zone == "Asia/Baghdad"
        assert await tx.subscriptions.subscriber(third.id) is None


async def test_who_is_in_does_not_use_up_an_invite(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela")
    await run_bot(owners=(anna.id,))
    anna.say("/invite")
    code = await invite_link(server, anna.id)
    anna.start(code)  # trying out one's own link
    await server.received(anna.id, 2)
    bela.start(code)
    assert "let in as guest" in (await server.received(bela.id))[0].text


async def test_the_code_of_an_invite_is_kept_nowhere(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await run_bot(owners=(anna.id,))
    anna.say("/invite")
    code = await invite_link(server, anna.id)
    async with store.read() as tx:
        rows = (await tx.connection.execute(text("SELECT * FROM invites"))).mappings().all()
    assert len(rows) == 1
    assert code not in str([dict(row) for row in rows])


async def test_an_invite_expires(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela")
    await run_bot(owners=(anna.id,))
    anna.say("/invite")
    code = await invite_link(server, anna.id)
    async with store.begin() as tx:
        await tx.connection.execute(text("UPDATE invites SET expires_at = made_at"))
    bela.start(code)
    assert [m.text for m in await server.received(bela.id)] == [door.STALE_INVITE]


@pytest.mark.parametrize("role", ["guest", "analyst", "ops"])
async def test_only_an_owner_may_invite(
    role: str, run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id, Role(role))
    await run_bot()
    bela.say("/invite ops")
    (message,) = await server.received(bela.id)
    assert message.text == f"This is for owner and above; you are {role}."
    async with store.read() as tx:
        assert (await tx.connection.execute(text("SELECT count(*) FROM invites"))).scalar_one() == 0


async def test_nobody_becomes_an_owner_by_an_invite(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await run_bot(owners=(anna.id,))
    anna.say("/invite owner")
    assert [m.text for m in await server.received(anna.id)] == [door.INVITE_ROLES]


async def test_who_stops_gets_nothing_more(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    await run_bot()
    bela.say("/stop")
    await server.received(bela.id)
    await put_out(store, bela.id, payload={}, at=WallClock().now())
    bela.say("/status")
    messages = await server.received(bela.id, 2)
    assert [m.text for m in messages] == [door.GOODBYE, door.STRANGER]

    async def nothing_waits() -> bool:
        async with store.read() as tx:
            return await tx.outbox.next_due(WallClock().now()) is None

    async with asyncio.timeout(5):
        while not await nothing_waits():  # noqa: ASYNC110 - the archive is what is asked
            await asyncio.sleep(0.01)
    assert len(bela.received) == 2


async def test_an_owner_who_stopped_stays_out_over_a_restart_until_they_start(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    task = await run_bot(owners=(anna.id,))
    anna.say("/stop")
    assert (await server.received(anna.id))[0].text == door.GOODBYE_OWNER
    await all_handled(server)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await run_bot(owners=(anna.id,))
    await server.until(lambda: server.calls[-1].method == "getUpdates")
    async with store.read() as tx:
        assert await tx.subscriptions.subscribers() == []
    anna.start()
    await server.received(anna.id, 2)
    async with store.read() as tx:
        assert [s.chat_id for s in await tx.subscriptions.subscribers()] == [anna.id]


async def test_who_blocks_the_bot_is_ended_at_once_and_comes_back_by_an_invite_with_all_subscriptions(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela", started=True)
    now = WallClock().now()
    await let_in(store, bela.id)
    async with store.begin() as tx:
        await tx.subscriptions.subscribe(Subscription(chat_id=bela.id, group="network", made_at=now))
    await run_bot(owners=(anna.id,))
    bela.block()
    await all_handled(server)
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(bela.id) is None

    anna.say("/invite")
    bela.start(await invite_link(server, anna.id))
    await server.received(bela.id, 2)
    async with store.read() as tx:
        assert [s.group for s in await tx.subscriptions.of(bela.id)] == ["network"]


async def test_a_group_is_let_in_by_an_admin_who_is_let_in_and_by_nobody_else(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    stranger, member, admin = (server.person(n, started=True) for n in ("Stranger", "Member", "Admin"))
    group = server.group("Desk", stranger, member, admin)  # the first of them made it
    for person in (member, admin):
        await let_in(store, person.id)
    set_member(server.world, group, admin, Standing.ADMINISTRATOR)
    await run_bot()
    stranger.say("/start", chat=group)
    member.say("/start", chat=group)
    stranger.say("/status", chat=group)
    await all_handled(server)
    assert server.sent(group.id) == []

    admin.say("/start", chat=group)
    first, _ = await server.received(group.id, 2)
    assert first.text == door.GROUP_LET_IN
    async with store.read() as tx:
        let = await tx.subscriptions.subscriber(group.id)
    assert let is not None
    assert let.role is Role.GUEST


async def test_a_group_that_puts_the_bot_out_is_ended(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    group = server.group("Desk", anna)
    await let_in(store, group.id)
    await run_bot(owners=(anna.id,))
    set_bot(server.world, group, anna, Standing.KICKED)
    await all_handled(server)
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(group.id) is None


async def test_in_a_forum_alerts_go_to_the_topic_in_which_an_admin_said_so(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    forum = server.supergroup("Desk", anna, forum=True)
    news, talk = (open_topic(server.world, forum, anna, name) for name in ("News", "Talk"))
    await run_bot(owners=(anna.id,))
    anna.say("/start", chat=forum, topic=news.id)
    first, choice = await server.received(forum.id, 2)
    assert first.text == door.TOPIC_LET_IN
    assert (first.thread_id, choice.thread_id) == (news.id, news.id)
    anna.say("/start", chat=forum, topic=talk.id)
    third = (await server.received(forum.id, 4))[2]
    assert (third.text, third.thread_id) == (door.TOPIC_MOVED, talk.id)
    async with store.read() as tx:
        group = await tx.subscriptions.subscriber(forum.id)
        record = await tx.changes.newest(2, only=[What.ACCESS])
    assert group is not None
    assert group.thread_id == talk.id
    assert [c.new and c.new["topic"] for c in record] == [talk.id, news.id]
