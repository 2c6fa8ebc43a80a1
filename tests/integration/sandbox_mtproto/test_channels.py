"""What befalls channels, and how a client finds out."""

import pytest
from telethon import errors, events, functions
from telethon.tl import types

from domain.errors import DeadairError
from tests.support.telegram import Telegram, until


async def test_a_ban_shuts_the_account_out_and_tells_it(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    heard: list[types.UpdateChannel] = []

    async def note(update: types.UpdateChannel) -> None:
        heard.append(update)

    async with telegram.client() as client:
        client.add_event_handler(note, events.Raw(types.UpdateChannel))
        peer = await client.get_input_entity("falcon_news")
        telegram.world.ban(channel, telegram.account)
        await until(lambda: heard)
        assert heard[0].channel_id == channel.id
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages(peer)
        (seen,) = (await client(functions.channels.GetChannelsRequest([peer]))).chats
        assert isinstance(seen, types.ChannelForbidden)
        assert await client.get_dialogs() == []
        telegram.world.unban(channel, telegram.account)
        assert len(await client.get_messages(peer, limit=10)) == 3


async def test_a_banned_account_is_refused_and_another_is_not(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    other = telegram.world.add_account("15550105")
    telegram.world.ban(channel, telegram.account)
    async with telegram.client(other) as client:
        assert len(await client.get_messages("falcon_news")) == 1


async def test_a_private_channel_is_for_members_and_has_no_handle(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    other = telegram.world.add_account("15550105")
    async with telegram.client() as member, telegram.client(other) as outsider:
        theirs = await outsider.get_input_entity("falcon_news")
        ours = await member.get_input_entity("falcon_news")
        telegram.world.make_private(channel)
        assert len(await member.get_messages(ours)) == 1
        with pytest.raises(errors.ChannelPrivateError):
            await outsider.get_messages(theirs)
        with pytest.raises(errors.UsernameNotOccupiedError):
            await member(functions.contacts.ResolveUsernameRequest("falcon_news"))


async def test_a_private_channel_is_joined_by_its_invite_link(telegram: Telegram) -> None:
    channel = telegram.channel("Hidden Falcon", posts=2, joined=False, private=True)
    async with telegram.client() as client:
        invite = await client(functions.messages.CheckChatInviteRequest(channel.invite))
        assert (invite.title, invite.broadcast) == ("Hidden Falcon", True)
        await client(functions.messages.ImportChatInviteRequest(channel.invite))
        (dialog,) = await client.get_dialogs()
        assert len(await client.get_messages(dialog.entity, limit=5)) == 2
        with pytest.raises(errors.UserAlreadyParticipantError):
            await client(functions.messages.ImportChatInviteRequest(channel.invite))
        with pytest.raises(errors.InviteHashInvalidError):
            await client(functions.messages.CheckChatInviteRequest("nonsense"))


async def test_a_renamed_channel_keeps_number_and_hash(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        before = await client.get_entity("falcon_news")
        telegram.world.rename(channel, "Falcon Daily")
        telegram.world.set_handle(channel, "falcon_daily")
        after = await client.get_entity(types.PeerChannel(before.id))
        assert (after.title, after.username) == ("Falcon Daily", "falcon_daily")
        assert after.access_hash == before.access_hash
        with pytest.raises(ValueError, match="falcon_news"):
            await client.get_entity("falcon_news")


async def test_a_dropped_handle_can_be_taken_over_by_another_channel(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        assert (await client.get_entity("falcon_news")).id == channel.id
        impostor = telegram.world.take_handle(channel, "Falcon Offers")
        found = await client.get_entity("falcon_news")
        assert (found.id, found.title) == (impostor.id, "Falcon Offers")
        (old,) = (await client(functions.channels.GetChannelsRequest([channel.id]))).chats
        assert (old.title, old.username) == ("Falcon News", None)


async def test_two_channels_cannot_have_one_handle(telegram: Telegram) -> None:
    telegram.channel("Falcon News", "falcon_news")
    other = telegram.channel("Other", "other_news")
    with pytest.raises(DeadairError, match="@FALCON_news belongs to channel"):
        telegram.world.set_handle(other, "FALCON_news")


async def test_a_deleted_channel_is_gone_for_all(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        peer = await client.get_input_entity("falcon_news")
        telegram.world.delete_channel(channel)
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages(peer)
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("falcon_news"))


async def test_a_restricted_channel_says_why_and_shows_nothing(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    telegram.world.restrict(channel, "This channel can't be displayed.")
    async with telegram.client() as client:
        entity = await client.get_entity("falcon_news")
        assert entity.restricted
        assert entity.restriction_reason[0].text == "This channel can't be displayed."
        assert await client.get_messages(entity, limit=10) == []
        telegram.world.restrict(channel, None)
        assert len(await client.get_messages(entity, limit=10)) == 3


async def test_handles_no_channel_could_have_are_invalid(telegram: Telegram) -> None:
    async with telegram.client() as client:
        with pytest.raises(errors.UsernameInvalidError):
            await client(functions.contacts.ResolveUsernameRequest("a b"))


async def test_a_method_nobody_faked_fails_loudly_and_is_noted(telegram: Telegram) -> None:
    async with telegram.client() as client:
        with pytest.raises(errors.RPCError, match=r"METHOD_NOT_FAKED_account\.getThemes"):
            await client(functions.account.GetThemesRequest(format="x", hash=0))
    assert telegram.server.errors == ["method not faked: account.getThemes"]
    telegram.server.errors.clear()


async def test_the_log_tells_who_asked_what_and_how_it_ended(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        peer = await client.get_input_entity("falcon_news")
        await client.get_messages(peer)
        telegram.world.ban(channel, telegram.account)
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages(peer)
    first, second = telegram.log.of("messages.getHistory")
    assert (first.account, first.channel, first.outcome) == (telegram.account.id, channel.id, "ok")
    assert second.outcome == "CHANNEL_PRIVATE"
    assert first.request.limit == 1
    assert telegram.log.counts["messages.getHistory"] == 2
