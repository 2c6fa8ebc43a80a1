"""Files of posts in which, record by record, one value is something that nobody would expect there."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: As good as each: what any field of a file may hold.
JUNK: tuple[Any, ...] = (
    None, 0, 1, -5, 1.5, float("inf"), float("nan"), "", "x", "2024-01-01", True, False, [], [1], [None],
    [{}], {}, {"a": 1}, {"text": 5}, {"text": [1]}, 10**30, -(10**30), "\0", "\ud800", [[[]]],
    {"_": "PeerChannel"}, {"channel_id": "x"}, {"channel_id": 5}, "channel9999999999999999999",
)  # fmt: skip

_DESKTOP: dict[str, Any] = {
    "id": 5, "type": "message", "date": "2024-03-01T12:00:00", "date_unixtime": "1709294400",
    "edited": "2024-03-01T13:00:00", "edited_unixtime": "1709298000", "from": "Falcon",
    "from_id": "channel77", "author": "Ed", "forwarded_from": "Other", "forwarded_from_id": "channel88",
    "reply_to_message_id": 3,
    "text": ["a ", {"type": "bold", "text": "b"}],
    "text_entities": [
        {"type": "plain", "text": "a "},
        {"type": "text_link", "text": "b", "href": "https://x.example"},
    ],
}  # fmt: skip
_TELETHON: dict[str, Any] = {
    "_": "Message", "id": 5, "peer_id": {"_": "PeerChannel", "channel_id": 77},
    "date": "2024-03-01T12:00:00+00:00", "message": "abc def",
    "entities": [
        {"_": "MessageEntityBold", "offset": 0, "length": 3},
        {"_": "MessageEntityTextUrl", "offset": 0, "length": 3, "url": "https://x.example"},
    ],
    "fwd_from": {
        "_": "MessageFwdHeader", "date": "2024-02-01T12:00:00+00:00", "channel_post": 3, "post_author": "x",
        "from_id": {"_": "PeerChannel", "channel_id": 8}, "from_name": None,
    },
    "reply_to": {"_": "MessageReplyHeader", "reply_to_msg_id": 2}, "views": 5, "forwards": 2,
    "edit_date": "2024-03-01T13:00:00+00:00", "post_author": "Ed", "grouped_id": 55,
    "replies": {"_": "MessageReplies", "replies": 3, "channel_id": 9},
}  # fmt: skip
_COMMON: dict[str, Any] = {
    "channel": "falcon", "id": 5, "date": "2024-03-01T12:00:00Z", "text": "abc", "views": 5, "forwards": 3,
    "edited": "2024-03-01T13:00:00Z", "reply_to": 4, "fwd_from": "other", "media_kind": "photo",
    "grouped_id": 4, "author": "x", "entities": [{"type": "bold", "offset": 0, "length": 1}],
}  # fmt: skip

#: Of each way to write a post down, records that are as they should be.
GOOD: dict[str, tuple[dict[str, Any], ...]] = {
    "desktop": (
        {**_DESKTOP, "photo": "p.jpg", "photo_file_size": 5, "width": 3, "height": 4},
        {**_DESKTOP, "poll": {"question": "q", "answers": [{"text": "a", "voters": 1}, {"text": "b"}]}},
        {**_DESKTOP, "media_type": "video_file", "file": "a.mp4", "file_name": "a.mp4", "file_size": 7},
        {**_DESKTOP, "location_information": {"latitude": 1.0, "longitude": 2.0}},
        {**_DESKTOP, "type": "service", "actor": "Falcon", "actor_id": "channel77", "action": "pin_message"},
    ),
    "telethon": (
        {
            **_TELETHON,
            "media": {
                "_": "MessageMediaPhoto",
                "photo": {"_": "Photo", "id": 4, "sizes": [{"_": "PhotoSize", "type": "m", "w": 3, "h": 4}]},
            },
        },
        {
            **_TELETHON,
            "media": {
                "_": "MessageMediaDocument",
                "document": {
                    "id": 7,
                    "size": 5,
                    "attributes": [
                        {"_": "DocumentAttributeVideo", "duration": 3.5, "w": 3, "h": 4},
                        {"_": "DocumentAttributeFilename", "file_name": "a.mp4"},
                    ],
                },
            },
        },
        {
            **_TELETHON,
            "media": {
                "_": "MessageMediaPoll",
                "poll": {"id": 3, "question": {"text": "q"}, "answers": [{"text": "a"}]},
            },
        },
        {**_TELETHON, "media": {"_": "MessageMediaWebPage", "webpage": {"url": "https://x.example"}}},
        {**_TELETHON, "_": "MessageService", "action": {"_": "MessageActionPinMessage"}},
    ),
    "common": (_COMMON,),
}


def odd_file(form: str, path: Path, *, every: int = 1) -> tuple[Path, int]:
    """A file of this form, and how many records it has; each is of another post. `every`: so many are one."""
    # A whole document breaks off at a number that JSON does not have; a line is bad for itself.
    junk = [each for each in JUNK if form != "desktop" or not _is_endless(each)]
    odds = [each for good in GOOD[form] for each in odd(good, junk)][::every]
    for n, each in enumerate(odds, start=1):
        if each.get("id") == 5:
            each["id"] = n
    # What it is of is told by its first record.
    records = [{**GOOD[form][0], "id": len(odds) + 1}, *odds]
    if form == "desktop":
        path.write_text(
            json.dumps({"name": "Falcon", "type": "public_channel", "id": 77, "messages": records})
        )
    else:
        path.write_text("".join(f"{json.dumps(each)}\n" for each in records))
    return path, len(records)


def _is_endless(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def odd(good: Any, values: Sequence[Any]) -> Iterator[Any]:
    """The document with each of its values replaced by each of these, one at a time."""
    for place in _places(good):
        for junk in values:
            made = json.loads(json.dumps(good))
            inner = made
            for step in place[:-1]:
                inner = inner[step]
            inner[place[-1]] = junk
            yield made


def _places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if before:
        yield before
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in steps:
        yield from _places(each, (*before, step))
