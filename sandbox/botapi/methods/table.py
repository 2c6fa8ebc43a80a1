"""Which methods there are, and what they are called."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.botapi.call import Call
from sandbox.botapi.methods import account, answers, chats, editing, polling, sending
from sandbox.botapi.world import World

Method = Callable[[World, Call], Any | Awaitable[Any]]

#: By the names of https://core.telegram.org/bots/api#available-methods.
METHODS: dict[str, Method] = {
    "getMe": account.get_me,
    "logOut": account.log_out,
    "close": account.close,
    "setMyCommands": account.set_my_commands,
    "getMyCommands": account.get_my_commands,
    "deleteMyCommands": account.delete_my_commands,
    "setMyName": account.set_text("name", 64),
    "getMyName": account.get_text("name"),
    "setMyDescription": account.set_text("description", 512),
    "getMyDescription": account.get_text("description"),
    "setMyShortDescription": account.set_text("short_description", 120),
    "getMyShortDescription": account.get_text("short_description"),
    "getUpdates": polling.get_updates,
    "setWebhook": polling.set_webhook,
    "deleteWebhook": polling.delete_webhook,
    "getWebhookInfo": polling.get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_text,
    "editMessageCaption": editing.edit_caption,
    "editMessageReplyMarkup": editing.edit_markup,
    "editMessageMedia": editing.edit_media,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "pinChatMessage": editing.pin_message,
    "unpinChatMessage": editing.unpin_message,
    "answerCallbackQuery": answers.answer_callback_query,
    "answerInlineQuery": answers.answer_inline_query,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getChatAdministrators": chats.get_chat_administrators,
    "leaveChat": chats.leave_chat,
    "getFile": chats.get_file,
}
