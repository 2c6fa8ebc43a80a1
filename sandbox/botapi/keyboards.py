"""Reply markup, checked as Telegram checks it."""

from urllib.parse import urlsplit

from sandbox.botapi.call import Call
from sandbox.botapi.errors import Json, bad_request
from sandbox.botapi.markup import units

LONGEST_DATA = 64  #: bytes of callback data
MOST_BUTTONS = 100
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip
OTHER_MARKUP = ("keyboard", "remove_keyboard", "force_reply")


def read_markup(call: Call, *, inline_only: bool = False) -> Json | None:
    """The reply markup of a call. Raises Refused for one that Telegram would not show."""
    markup = call.thing("reply_markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup)
    if inline_only:
        raise bad_request("inline keyboard expected")
    if not any(kind in markup for kind in OTHER_MARKUP):
        raise bad_request("can't parse reply keyboard markup JSON object")
    return markup


def _inline(markup: Json) -> Json | None:
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be an Array of Arrays')
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check(button)
    return {"inline_keyboard": rows} if rows else None


def _check(button: Json) -> None:
    wrong = "can't parse inline keyboard button: "
    if not str(button.get("text") or "").strip():
        raise bad_request(f'{wrong}Field "text" must be of type String')
    actions = ACTIONS & button.keys()
    if not actions:
        raise bad_request(f"{wrong}Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"{wrong}exactly one of the optional fields must be used")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(str(button["url"]))
    if "copy_text" in button and not 1 <= units(str(button["copy_text"].get("text", ""))) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    wrong = f"inline keyboard button URL '{url}' is invalid: "
    if parts.scheme not in ("http", "https", "tg", "ton"):
        raise bad_request(f"{wrong}Unsupported URL protocol")
    host = parts.hostname or ""
    if parts.scheme in ("http", "https") and ("." not in host or " " in url):
        raise bad_request(f"{wrong}Wrong HTTP URL")
