"""Whatever Telegram's layer can say, a message of it becomes a post, with a raw copy that reads back."""

import inspect
import json
import math
import random
import re
import typing
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any

import pytest
from telethon.tl import TLObject
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.rawcopy import raw_copy, reread, shown
from collector.translate import post_of
from domain.chain import LinkKind, canonical
from domain.post import How, Post, PostKind, RawCopy

NOON = datetime(2031, 3, 14, 12, tzinfo=UTC)
PEER = T.PeerChannel(7)

#: How wide an integer is, the signatures do not say; what writes it does.
_WIDE = re.compile(r"'<q', (?:self\.(\w+)|x\) for x in self\.(\w+))")
_LETTERS = "aZ09 \u0627\u05d0\u0436\n\U0001f680"
#: Of these the whole tree would come once more.
_INSTEAD: dict[str, Any] = {"Message": T.MessageEmpty, "MessageService": T.MessageEmpty}


class Maker:
    """Makes objects of any constructor, every field filled by chance: all optional ones of an object or none,
    for some share a flag."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def made(self, constructor: Any, depth: int = 4, *, whole: bool | None = None, **fixed: Any) -> Any:
        constructor = _INSTEAD.get(constructor.__name__, constructor) if depth < 4 else constructor
        whole = self.rng.random() < 0.6 if whole is None else whole
        given = dict(fixed)
        for name, parameter in list(inspect.signature(constructor.__init__).parameters.items())[1:]:
            if name in given or parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
                continue
            if parameter.default is not parameter.empty and (depth <= 0 or not whole):
                continue
            given[name] = self.value(parameter.annotation, name in _wide(constructor), depth - 1)
        return constructor(**given)

    def value(self, said: Any, is_wide: bool, depth: int) -> Any:
        said = _resolved(said)
        if typing.get_origin(said) in (list, typing.List):  # noqa: UP006 - Telethon's own spelling
            n = self.rng.randint(0, 2) if depth > 0 else 0
            return [self.value(typing.get_args(said)[0], is_wide, depth) for _ in range(n)]
        if typing.get_origin(said) in (typing.Union, UnionType):
            kinds = [each for each in typing.get_args(said) if each is not type(None)]
            # Deep down the constructors with the fewest fields, lest the tree has no end.
            kinds.sort(key=lambda each: len(inspect.signature(getattr(each, "__init__", int)).parameters))
            return self.value(self.rng.choice(kinds if depth > 0 else kinds[:1]), is_wide, depth)
        if said is datetime:
            return datetime.fromtimestamp(self.rng.randrange(1, 2**31), UTC)
        if said is bytes:
            return self.rng.randbytes(self.rng.randint(0, 9))
        if said is bool:
            return self.rng.random() < 0.5
        if said is float:
            return self.rng.choice([0.0, 1.5, -1e300, math.nan, math.inf, self.rng.random()])
        if said is str:
            return "".join(self.rng.choices(_LETTERS, k=self.rng.randint(0, 6)))
        if said is int:
            return self.rng.choice([0, 1, self.rng.randrange(2**62 if is_wide else 2**31)])
        assert issubclass(said, TLObject), said
        return self.made(said, depth)


_NAMES: dict[str, Any] = {"datetime": datetime, **vars(typing)}
for _module in (*(each for each in vars(T).values() if inspect.ismodule(each)), T):
    _NAMES |= {f"Type{n}": v for n, v in vars(_module).items() if isinstance(v, type)}
    _NAMES |= {n: v for n, v in vars(_module).items() if n.startswith("Type")}


@cache
def _wide(constructor: Any) -> set[str]:
    """The fields that are written as 64 bits."""
    return {a or b for a, b in _WIDE.findall(inspect.getsource(constructor._bytes))}


def _resolved(said: Any) -> Any:
    """`Optional['TypePeer']` and its kin as what they mean."""
    if isinstance(said, typing.ForwardRef):
        said = said.__forward_arg__
    if isinstance(said, str):
        said = eval(said, _NAMES)  # noqa: S307 - Telethon's words
    if typing.get_origin(said) is typing.Union:
        kinds = [each for each in typing.get_args(said) if each is not type(None)]
        if len(kinds) == 1:
            return _resolved(kinds[0])
    return said


def named(prefix: str) -> list[Any]:
    kinds = [getattr(T, name) for name in dir(T) if name.startswith(prefix)]
    return [each for each in kinds if isinstance(each, type) and issubclass(each, TLObject)]


MEDIA = named("MessageMedia")
ENTITIES = [c for c in named("MessageEntity") if "offset" in inspect.signature(c.__init__).parameters]
ACTIONS = named("MessageAction")


def checked(message: Any) -> Post:
    post = post_of(message, seen_at=NOON, how=How.LIVE)
    assert post is not None
    assert post.id == message.id
    assert not post.details.is_partial, "its translation failed"
    assert post.copy is not None
    found = reread(post.copy)
    assert found.message is not None, found.trouble
    assert found.trouble == ""
    json.dumps(found.message, allow_nan=False)
    # What is kept must be something that every database takes, and that can be hashed.
    canonical(LinkKind.POST, {"media": post.media and post.media.detail, "raw": post.raw})
    assert post.media is None or post.media.duration is None or math.isfinite(post.media.duration)
    return post


def test_no_message_of_the_layer_makes_translation_fail() -> None:
    for seed in range(300):
        maker = Maker(seed)
        parts: dict[str, Any] = {"id": seed + 1, "peer_id": PEER, "date": NOON}
        if seed % 4 == 0:
            action = maker.made(maker.rng.choice(ACTIONS))
            checked(maker.made(T.MessageService, **parts, action=action))
        else:
            words = maker.value(str, False, 1)
            checked(maker.made(T.Message, whole=seed % 4 < 3, message=words, **parts))


@pytest.mark.parametrize("family", ["media", "entities", "actions"])
def test_every_constructor_of_a_family_is_met(family: str) -> None:
    """Each by itself, full and bare; the table is of this Telethon's layer, whatever it has."""
    constructors = {"media": MEDIA, "entities": ENTITIES, "actions": ACTIONS}[family]
    assert len(constructors) > 15
    fixed: dict[str, Any] = {"id": 5, "peer_id": PEER, "date": NOON}
    for constructor in constructors:
        for seed in range(6):
            part = Maker(seed).made(constructor, whole=seed % 2 == 0)
            if family == "actions":
                post = checked(T.MessageService(**fixed, action=part))
                assert post.kind is PostKind.SERVICE
                assert post.raw is not None
                assert post.raw["action"]
            elif family == "media":
                post = checked(T.Message(**fixed, message="words", media=part))
                assert (post.media is None) is isinstance(part, T.MessageMediaEmpty)
            else:
                post = checked(T.Message(**fixed, message="words", entities=[part]))
                assert len(post.entities) == 1


def test_a_message_that_cannot_be_translated_is_a_post_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Any) -> Any:
        raise KeyError("something nobody has thought of")

    monkeypatch.setattr("collector.translate.media_of", fails)
    message = T.Message(id=5, peer_id=PEER, date=NOON, message="words", grouped_id=9, edit_date=NOON)
    post = post_of(message, seen_at=NOON, how=How.LIVE)
    assert post is not None
    assert (post.text, post.album_id, post.edited_at, post.details.is_partial) == ("words", 9, NOON, True)
    assert post.copy is not None


def test_a_copy_of_a_layer_that_nobody_reads_any_more_is_kept_and_said_so() -> None:
    unknown = RawCopy(500, b"\xef\xbe\xad\xde" + b"whatever it was")
    found = reread(unknown)
    assert found.message is None
    assert "written in layer 500, not readable in layer" in found.trouble
    assert found.data == unknown.data


def test_a_copy_that_reads_as_something_shorter_is_said_to_be_doubtful() -> None:
    copy = raw_copy(T.Message(id=5, peer_id=PEER, date=NOON, message="words"))
    assert copy is not None
    found = reread(RawCopy(500, copy.data + b"and a field that came with a later layer"))
    assert found.message is not None
    assert "but not all of it" in found.trouble


def test_a_copy_of_which_any_byte_is_another_or_that_ends_anywhere_is_shown_as_far_as_it_can_be_read() -> (
    None
):
    maker = Maker(7)
    said = maker.made(T.Message, whole=True, id=5, peer_id=PEER, date=NOON, message="words")
    data = bytes(said._bytes())
    for n in range(3_000):
        at = maker.rng.randrange(len(data))
        other = data[:at] if n % 2 else data[:at] + maker.rng.randbytes(1) + data[at + 1 :]
        found = reread(RawCopy(9, other))
        assert found.data == other
        assert (found.message is None) <= bool(found.trouble)


def test_what_is_shown_of_a_message_leaves_out_what_says_nothing() -> None:
    message = T.Message(id=5, peer_id=PEER, date=NOON, message="words", views=0)
    assert shown(message) == {
        "_": "Message",
        "id": 5,
        "peer_id": {"_": "PeerChannel", "channel_id": 7},
        "date": "2031-03-14T12:00:00+00:00",
        "message": "words",
        "views": 0,
    }
