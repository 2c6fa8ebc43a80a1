"""Changing, deleting and pinning what was sent."""

from dataclasses import replace
from datetime import timedelta

from sandbox.botapi.call import Call
from sandbox.botapi.chats import Chat, ChatKind
from sandbox.botapi.errors import Json, bad_request
from sandbox.botapi.keyboards import read_markup
from sandbox.botapi.messages import Body, Message, Version
from sandbox.botapi.methods.sending import read_medium
from sandbox.botapi.wording import read_caption, read_text
from sandbox.botapi.world import World

DELETABLE_FOR = timedelta(hours=48)  #: https://core.telegram.org/bots/api#deletemessage
MOST_AT_ONCE = 100


def edit_text(world: World, call: Call) -> Json | bool:
    read = read_text(call)
    markup = read_markup(call, inline_only=True)
    chat, message = _editable(world, call)
    if message.now.body is not Body.TEXT:
        raise bad_request("there is no text in the message to edit")
    preview = call.thing("link_preview_options")
    return _edit(world, chat, message, replace(
        message.now, at=world.now(), text=read.text, entities=read.entities, markup=markup, preview=preview
    ))  # fmt: skip


def edit_caption(world: World, call: Call) -> Json | bool:
    read = read_caption(call.params | {"caption_entities": call.thing("caption_entities")})
    markup = read_markup(call, inline_only=True)
    chat, message = _editable(world, call)
    if message.now.file is None:
        raise bad_request("there is no caption in the message to edit")
    return _edit(
        world, chat, message,
        replace(message.now, at=world.now(), text=read.text, entities=read.entities, markup=markup),
    )  # fmt: skip


def edit_markup(world: World, call: Call) -> Json | bool:
    markup = read_markup(call, inline_only=True)
    chat, message = _editable(world, call)
    return _edit(world, chat, message, replace(message.now, at=world.now(), markup=markup))


def edit_media(world: World, call: Call) -> Json | bool:
    markup = read_markup(call, inline_only=True)
    chat, message = _editable(world, call)
    if message.album and message.now.body.value != (call.thing("media") or {}).get("type"):
        raise bad_request("message can't be edited")
    return _edit(world, chat, message, read_medium(world, call, call.thing("media"), markup))


def delete_message(world: World, call: Call) -> bool:
    chat = _readable(world, call)
    message = _there(chat, call.whole("message_id"), "delete")
    _refuse_deleting(world, chat, message)
    world.delete(message)
    return True


def delete_messages(world: World, call: Call) -> bool:
    """Those that are there and may be deleted; the others are passed over."""
    chat = _readable(world, call)
    numbers = call.thing("message_ids")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_AT_ONCE:
        raise bad_request(f"message_ids must hold 1 to {MOST_AT_ONCE} message identifiers")
    for number in numbers:
        message = chat.messages.get(int(number))
        if message is not None and message.deleted_at is None:
            _refuse_deleting(world, chat, message)
            world.delete(message)
    return True


def pin_message(world: World, call: Call) -> bool:
    chat = _readable(world, call)
    message = _there(chat, call.whole("message_id"), "pin")
    _refuse_pinning(chat)
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
    return True


def unpin_message(world: World, call: Call) -> bool:
    chat = _readable(world, call)
    _refuse_pinning(chat)
    number = call.whole("message_id", 0) or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    return True


def _readable(world: World, call: Call) -> Chat:
    chat = world.find_chat(call.chat)
    chat.refuse_writing()
    return chat


def _there(chat: Chat, number: int, to: str) -> Message:
    message = chat.messages.get(number)
    if message is None or message.deleted_at is not None:
        raise bad_request(f"message to {to} not found")
    return message


def _editable(world: World, call: Call) -> tuple[Chat, Message]:
    if inline_id := call.text("inline_message_id"):
        for chat in world.chats.values():
            for message in chat.messages.values():
                if message.inline_id == inline_id:
                    return chat, message
        raise bad_request("MESSAGE_ID_INVALID")
    chat = _readable(world, call)
    message = _there(chat, call.whole("message_id"), "edit")
    if not message.from_bot or message.now.body is Body.SERVICE:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(world: World, chat: Chat, message: Message, version: Version) -> Json | bool:
    world.edit(message, version)
    return True if message.inline_id else world.message_to_api(chat, message)


def _refuse_deleting(world: World, chat: Chat, message: Message) -> None:
    mine = message.from_bot or chat.kind is ChatKind.PRIVATE
    if not mine and not chat.bot.rules:
        raise bad_request("message can't be deleted")
    if not chat.bot.rules and world.now() - message.sent_at > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")


def _refuse_pinning(chat: Chat) -> None:
    if chat.kind is not ChatKind.PRIVATE and not chat.bot.rules:
        raise bad_request("not enough rights to manage pinned messages in the chat")
