"""What people do to a bot, as the stock client sees it."""

from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Update,
)

from domain.clock import SetClock
from sandbox.botapi.chats import Standing
from sandbox.botapi.errors import Misused
from sandbox.botapi.membership import migrate, open_topic, set_bot, set_member
from sandbox.botapi.server import BotApiServer
from tests.support.botapi import NOON


def buttons(**labels: str) -> InlineKeyboardMarkup:
    """Inline buttons in one row: data=label."""
    row = [InlineKeyboardButton(text=label, callback_data=data) for data, label in labels.items()]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def the_update(bot: Bot) -> Update:
    """The only update that waits; confirms it."""
    [update] = await bot.get_updates()
    await bot.get_updates(offset=update.update_id + 1)
    return update


async def test_a_deep_link_arrives_as_a_command_with_its_payload(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana", username="ana_of_the_hills", language="fa")
    ana.start("invite_4711")
    message = (await the_update(bot)).message
    assert message
    assert message.text == "/start invite_4711"
    assert [(e.type, e.offset, e.length) for e in message.entities or []] == [("bot_command", 0, 6)]
    assert message.from_user
    assert (message.from_user.username, message.from_user.language_code) == ("ana_of_the_hills", "fa")
    assert message.date == NOON


async def test_nobody_can_be_written_to_before_they_start_the_bot(server: BotApiServer, bot: Bot) -> None:
    ana, ben = server.person("Ana"), server.person("Ben")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(ana.id, "hello")
    group = server.group("Watchers", ben)
    ben.say("/status", chat=group)
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(ben.id, "hello")
    ana.start()
    await bot.send_message(ana.id, "hello")
    assert [m.text for m in ana.received] == ["hello"]


async def test_a_pressed_button_arrives_with_its_message_and_gets_its_answer(
    server: BotApiServer, bot: Bot
) -> None:
    ana = server.person("Ana", started=True)
    sent = await bot.send_message(ana.id, "Mute?", reply_markup=buttons(mute_1h="1 hour", mute_1d="1 day"))
    press = ana.press("1 day")
    query = (await the_update(bot)).callback_query
    assert query
    assert (query.data, query.message and query.message.message_id) == ("mute_1d", sent.message_id)
    assert query.chat_instance
    assert press.answer is None
    await query.answer("Muted", show_alert=True)
    assert press.answer == {"text": "Muted", "show_alert": True, "url": ""}


async def test_a_button_that_is_not_there_cannot_be_pressed(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana", started=True)
    sent = await bot.send_message(ana.id, "Mute?", reply_markup=buttons(mute="Mute"))
    with pytest.raises(Misused, match="no button 'Delete'"):
        ana.press("Delete")
    await bot.edit_message_reply_markup(chat_id=ana.id, message_id=sent.message_id)
    with pytest.raises(Misused, match="no button 'Mute'"):
        ana.press("Mute")


async def test_a_pressed_button_can_be_answered_for_fifteen_minutes(
    server: BotApiServer, bot: Bot, pace: SetClock
) -> None:
    ana = server.person("Ana", started=True)
    await bot.send_message(ana.id, "Mute?", reply_markup=buttons(mute="Mute"))
    press = ana.press("mute")
    pace.advance(timedelta(minutes=15))
    await bot.answer_callback_query(press.id)
    pace.advance(timedelta(seconds=1))
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(press.id)
    with pytest.raises(TelegramBadRequest, match="query ID is invalid"):
        await bot.answer_callback_query("1")


async def test_who_blocks_the_bot_gets_nothing_until_they_start_it_again(
    server: BotApiServer, bot: Bot
) -> None:
    ana = server.person("Ana", started=True)
    ana.block()
    told = (await the_update(bot)).my_chat_member
    assert told
    assert (told.old_chat_member.status, told.new_chat_member.status) == ("member", "kicked")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "an alert")
    ana.start()
    back, start = await bot.get_updates()
    assert back.my_chat_member
    assert back.my_chat_member.new_chat_member.status == "member"
    assert start.message
    await bot.send_message(ana.id, "welcome back")
    assert [m.text for m in ana.received] == ["welcome back"]


async def test_a_deleted_account_is_noticed_only_by_writing_to_it(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana", started=True)
    ana.deactivate()
    assert await bot.get_updates() == []
    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await bot.send_message(ana.id, "an alert")
    with pytest.raises(Misused, match="no account any more"):
        ana.say("hello?")


async def test_a_group_that_is_upgraded_moves_to_another_number(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    group = server.group("Watchers", ana)
    await bot.send_message(group.id, "before")
    new = migrate(server.world, group, ana)
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(group.id, "after")
    assert moved.value.migrate_to_chat_id == new.id
    assert str(new.id).startswith("-100")
    await bot.send_message(new.id, "after")
    notices = [u.message for u in await bot.get_updates() if u.message]
    assert [(n.chat.id, n.migrate_to_chat_id, n.migrate_from_chat_id) for n in notices] == [
        (group.id, new.id, None),
        (new.id, None, group.id),
    ]
    assert [m.text for m in server.sent(new.id)] == ["after"]
    with pytest.raises(Misused, match="has become"):
        ana.say("anyone?", chat=group)


async def test_a_bot_thrown_out_of_a_group_cannot_write_there(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    group = server.supergroup("Watchers", ana)
    set_bot(server.world, group, ana, Standing.KICKED)
    told = (await the_update(bot)).my_chat_member
    assert told
    assert told.from_user.id == ana.id
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "an alert")
    set_bot(server.world, group, ana, Standing.MEMBER)
    await bot.send_message(group.id, "back")
    await bot.leave_chat(group.id)
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the supergroup chat"):
        await bot.send_message(group.id, "gone")


async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(server: BotApiServer, bot: Bot) -> None:
    ana, ben = server.person("Ana"), server.person("Ben")
    group = server.group("Watchers", ana, ben)
    ana.say("lovely weather", chat=group)
    ana.say("/status@another_bot", chat=group)
    ana.say("/status", chat=group)
    ben.say("/mute@deadair_sandbox_bot 2h", chat=group)
    asked = await bot.send_message(group.id, "For how long?")
    ben.say("two hours", chat=group, reply_to=asked.message_id)
    heard = [u.message.text for u in await bot.get_updates() if u.message]
    assert heard == ["/status", "/mute@deadair_sandbox_bot 2h", "two hours"]


async def test_an_administrator_bot_hears_everything_and_who_joins(server: BotApiServer, bot: Bot) -> None:
    ana, ben = server.person("Ana"), server.person("Ben")
    group = server.supergroup("Watchers", ana, bot=Standing.ADMINISTRATOR)
    await bot.get_updates(allowed_updates=["message", "chat_member"])
    ana.say("lovely weather", chat=group)
    set_member(server.world, group, ben, Standing.MEMBER)
    updates = await bot.get_updates()
    assert [u.message.text for u in updates if u.message] == ["lovely weather", None]
    [joined] = [u.chat_member for u in updates if u.chat_member]
    assert (joined.new_chat_member.user.first_name, joined.new_chat_member.status) == ("Ben", "member")
    assert await bot.get_chat_member_count(group.id) == 3
    assert {m.user.id for m in await bot.get_chat_administrators(group.id)} == {ana.id, bot.id}
    assert (await bot.get_chat_member(group.id, ben.id)).status == "member"


async def test_a_channel_takes_posts_only_from_administrators(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    channel = server.channel("Quiet Hours", ana, username="quiet_hours")
    posted = await bot.send_message("@quiet_hours", "an alert")
    assert (posted.chat.id, posted.from_user, posted.sender_chat and posted.sender_chat.id) == (
        channel.id,
        None,
        channel.id,
    )
    ana.say("a post of mine", chat=channel)
    post = (await the_update(bot)).channel_post
    assert post
    assert (post.text, post.from_user) == ("a post of mine", None)
    with pytest.raises(Misused, match="Ben may not write"):
        server.person("Ben").say("me too", chat=channel)
    set_bot(server.world, channel, ana, Standing.MEMBER)
    with pytest.raises(TelegramBadRequest, match="need administrator rights in the channel chat"):
        await bot.send_message(channel.id, "another")


async def test_a_message_goes_into_the_topic_it_names(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana")
    forum = server.supergroup("Desk", ana, forum=True)
    topic = open_topic(server.world, forum, ana, "Alerts")
    sent = await bot.send_message(forum.id, "an alert", message_thread_id=topic.id)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.id, True)
    assert server.sent(forum.id)[0].thread_id == topic.id
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(forum.id, "an alert", message_thread_id=999)
    topic.closed = True
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await bot.send_message(forum.id, "an alert", message_thread_id=topic.id)


async def test_an_inline_query_is_answered_and_one_result_chosen(server: BotApiServer, bot: Bot) -> None:
    ana = server.person("Ana", started=True)
    inquiry = ana.inline("falcon")
    query = (await the_update(bot)).inline_query
    assert query
    assert (query.query, query.from_user.id) == ("falcon", ana.id)
    content = InputTextMessageContent(message_text="<b>Falcon</b> fell silent", parse_mode="HTML")
    result = InlineQueryResultArticle(id="1", title="Falcon", input_message_content=content)
    await query.answer([result], cache_time=5)
    said = ana.choose(inquiry, "1")
    assert said.text == "Falcon fell silent"
    chosen = (await the_update(bot)).chosen_inline_result
    assert chosen
    assert chosen.result_id == "1"
    await bot.edit_message_text("Falcon is back", inline_message_id=chosen.inline_message_id)
    assert said.text == "Falcon is back"
    with pytest.raises(TelegramBadRequest, match="RESULT_ID_DUPLICATE"):
        await query.answer([result, result])
