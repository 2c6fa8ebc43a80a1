"""Sending: text, photos, documents, albums."""

from typing import Any

from sandbox.botapi.call import Call
from sandbox.botapi.chats import Chat
from sandbox.botapi.errors import Json, bad_request
from sandbox.botapi.files import StoredFile
from sandbox.botapi.keyboards import read_markup
from sandbox.botapi.messages import Body, Version
from sandbox.botapi.wording import read_caption, read_text
from sandbox.botapi.world import World

ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


def send_message(world: World, call: Call) -> Json:
    read = read_text(call)
    version = Version(
        at=world.now(),
        body=Body.TEXT,
        text=read.text,
        entities=read.entities,
        markup=read_markup(call),
        preview=call.thing("link_preview_options"),
    )
    return _send(world, call, [version])[0]


def send_photo(world: World, call: Call) -> Json:
    return _send_file(world, call, Body.PHOTO)


def send_document(world: World, call: Call) -> Json:
    return _send_file(world, call, Body.DOCUMENT)


def send_media_group(world: World, call: Call) -> list[Json]:
    media = call.thing("media")
    if not isinstance(media, list):
        raise bad_request("can't parse media JSON object")
    if not 2 <= len(media) <= 10:
        raise bad_request(f"wrong number of items in the media group: {len(media)}, 2 to 10 are allowed")
    if len({item.get("type") for item in media}) > 1:
        raise bad_request("document can't be mixed with other media types")
    return _send(world, call, [read_medium(world, call, item) for item in media], album=True)


def send_chat_action(world: World, call: Call) -> bool:
    _writable(world, call)
    if call.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def read_medium(world: World, call: Call, item: Any, markup: Json | None = None) -> Version:
    """An InputMedia with its file and caption. Raises Refused for a kind the sandbox does not know."""
    if not isinstance(item, dict) or item.get("type") not in ("photo", "document"):
        raise bad_request("type of file mismatch")
    body = Body(item["type"])
    file = _file(world, call, body, str(item.get("media") or ""))
    read = read_caption(item)
    return Version(
        at=world.now(), body=body, text=read.text, entities=read.entities, file=file, markup=markup
    )


def _send_file(world: World, call: Call, body: Body) -> Json:
    read = read_caption(call.params | {"caption_entities": call.thing("caption_entities")})
    markup = read_markup(call)
    _writable(world, call)
    file = _file(world, call, body, call.text(body.value))
    version = Version(
        at=world.now(), body=body, text=read.text, entities=read.entities, file=file, markup=markup
    )
    return _send(world, call, [version])[0]


def _file(world: World, call: Call, body: Body, source: str) -> StoredFile:
    upload = call.uploads.get(source.removeprefix("attach://") if source else body.value)
    if upload is not None:
        add = world.files.add_photo if body is Body.PHOTO else world.files.add_document
        return add(upload.name, upload.body)
    if not source or source.startswith("attach://"):
        raise bad_request(f"there is no {body.value} in the request")
    if source.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the sandbox reaches no other host
    return world.files.known(source)


def _writable(world: World, call: Call) -> Chat:
    chat = world.find_chat(call.chat)
    chat.refuse_writing(call.whole("message_thread_id", 0) or None)
    return chat


def _send(world: World, call: Call, versions: list[Version], *, album: bool = False) -> list[Json]:
    chat = _writable(world, call)
    messages = world.send(
        chat,
        versions,
        thread_id=call.whole("message_thread_id", 0) or None,
        reply_to=_reply_to(chat, call),
        silent=call.flag("disable_notification"),
        protected=call.flag("protect_content"),
        album=world.new_query_id() if album else None,
    )
    return [world.message_to_api(chat, message) for message in messages]


def _reply_to(chat: Chat, call: Call) -> int | None:
    given = call.thing("reply_parameters") or {}
    number = int(given.get("message_id") or call.whole("reply_to_message_id", 0))
    if not number:
        return None
    answered = chat.messages.get(number)
    if answered is not None and answered.deleted_at is None:
        return number
    if given.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
