"""Answers to pressed buttons and to inline queries; both only as long as Telegram waits for them."""

from sandbox.botapi.call import Call
from sandbox.botapi.errors import Json, Refused, bad_request
from sandbox.botapi.markup import units
from sandbox.botapi.people import QUERY_PATIENCE, Inquiry, Press
from sandbox.botapi.wording import read_caption, read_text
from sandbox.botapi.world import World

LONGEST_ANSWER = 200
MOST_RESULTS = 50
KINDS = {
    "article", "audio", "contact", "document", "game", "gif", "location", "mpeg4_gif", "photo", "sticker",
    "venue", "video", "voice",
}  # fmt: skip


def answer_callback_query(world: World, call: Call) -> bool:
    press = world.presses.get(call.text("callback_query_id"))
    if press is None or _is_stale(world, press):
        raise _too_old()
    if units(call.text("text")) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answer = {"text": call.text("text"), "show_alert": call.flag("show_alert"), "url": call.text("url")}
    return True


def answer_inline_query(world: World, call: Call) -> bool:
    inquiry = world.inquiries.get(call.text("inline_query_id"))
    if inquiry is None or _is_stale(world, inquiry):
        raise _too_old()
    results = call.thing("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results JSON object")
    if len(results) > MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    inquiry.results = [_result(call, result) for result in results]
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    names = ("cache_time", "is_personal", "next_offset")
    inquiry.options = {name: call.params[name] for name in names if name in call.params}
    return True


def _result(call: Call, result: Json) -> Json:
    if result.get("type") not in KINDS:
        raise bad_request("can't parse inline query result: unsupported inline query result type")
    if not 1 <= len(str(result.get("id", "")).encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    content = result.get("input_message_content")
    if result["type"] == "article":
        if not result.get("title"):
            raise bad_request("can't parse inline query result: Can't find field \"title\"")
        if content is None:
            raise bad_request("can't parse inline query result: Article must have message content")
    if content and "message_text" in content:
        fields = {"text": content["message_text"]} | {k: v for k, v in content.items() if k != "message_text"}
        read = read_text(Call(method=call.method, params=fields, at=call.at))
        content = content | {"message_text": read.text, "entities": list(read.entities)}
        return result | {"input_message_content": content}
    if result.get("caption"):
        return result | {"caption": read_caption(result).text}
    return result


def _is_stale(world: World, query: Press | Inquiry) -> bool:
    return world.pace.now() - query.at > QUERY_PATIENCE


def _too_old() -> Refused:
    return bad_request("query is too old and response timeout expired or query ID is invalid")
