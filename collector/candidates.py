"""Which other channels a channel speaks of, and whether it says that it moves there. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.post import Post, PostKind

_LINK = re.compile(r"(?:t|telegram)\.me/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})(?![A-Za-z0-9_])", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z][A-Za-z0-9_]{3,31})(?![A-Za-z0-9_@.])")
#: What stands after t.me/ and is no channel.
_NONE = frozenset(
    ("joinchat", "addstickers", "addemoji", "addtheme", "addlist", "share", "proxy", "socks", "setlanguage",
     "login", "boost", "contact", "confirmphone", "invoice", "telegram")
)  # fmt: skip
#: Words by which channels announce another one, folded as `announces` folds.
_MOVES = (
    "backup channel", "back-up channel", "reserve channel", "new channel", "second channel", "other channel",
    "moved to", "moving to", "follow us at", "follow us on",
    "قناتنا الجدیده", "القناه الجدیده", "قناه جدیده", "القناه البدیله", "قناه بدیله", "قناتنا البدیله",
    "الاحتیاطیه", "احتیاطیه", "القناه الثانیه", "انتقلنا", "ننتقل",
    "کانال جدید", "کانال پشتیبان", "کانال ذخیره", "کانال دوم", "کانال جایگزین", "منتقل",
    "کەناڵی نوێ", "کەناڵی یەدەگ",
    "резервный канал", "новый канал", "запасной канал", "переехали",
)  # fmt: skip
_FOLD = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ـ": None})
_TASHKEEL = re.compile("[\u064b-\u0652\u0670\u200c]")


@dataclass(slots=True, kw_only=True)
class Named:
    """A channel that another one speaks of: by a handle, or by the number it forwards from."""

    handle: str | None
    number: int | None = None
    title: str = ""
    mentions: list[Post] = field(default_factory=list)
    forwards: list[Post] = field(default_factory=list)
    announced_in: Post | None = None  #: that post speaks of a move, or of another channel of its own
    is_described: bool = False  #: the channel's description names it

    @property
    def last_id(self) -> int:
        return max((post.id for post in (*self.mentions, *self.forwards)), default=0)

    @property
    def weight(self) -> float:
        """How much speaks for it."""
        said = (100 if self.announced_in else 0) + (50 if self.is_described else 0)
        return len(self.mentions) + len(self.forwards) + said


def named(
    posts: Sequence[Post],
    own: Iterable[str],
    handles: Mapping[int, str] | None = None,
    *,
    description: str = "",
) -> list[Named]:
    """The channels that these posts and the channel's description speak of, those first for which most
    speaks. `own` are the channel's handles, `handles` those that are known of numbers.
    """
    mine = {name.lower() for name in own}
    found: dict[str, Named] = {}
    for handle in _handles(description):
        if handle.lower() not in mine:
            found.setdefault(handle.lower(), Named(handle=handle)).is_described = True
    for post in posts:
        if post.kind is not PostKind.POST:
            continue
        for handle in dict.fromkeys(handles_in(post)):
            if handle.lower() in mine:
                continue
            entry = found.setdefault(handle.lower(), Named(handle=handle))
            entry.mentions.append(post)
            if announces(post.text) and (
                entry.announced_in is None or entry.announced_in.posted_at < post.posted_at
            ):
                entry.announced_in = post
        _forwarded(post, mine, handles or {}, found)
    return sorted(found.values(), key=lambda n: (n.weight, n.last_id), reverse=True)


def handles_in(post: Post) -> Iterator[str]:
    """The handles that a post leads to, in its words and behind them; those of bots are left out."""
    texts = [post.text, *(e.url for e in post.entities if e.url)]
    if post.media is not None and isinstance(url := post.media.detail.get("url"), str):
        texts.append(url)
    for text in texts:
        yield from _handles(text)


def _handles(text: str) -> Iterator[str]:
    for handle in (*_LINK.findall(text), *_MENTION.findall(text)):
        if handle.lower() not in _NONE and not handle.lower().endswith("bot"):
            yield handle


def announces(text: str) -> bool:
    """Does it speak of another channel of its own?"""
    folded = _TASHKEEL.sub("", text.casefold().translate(_FOLD))
    return any(words in folded for words in _MOVES)


def _forwarded(post: Post, mine: set[str], handles: Mapping[int, str], found: dict[str, Named]) -> None:
    source = post.forward
    if source is None:
        return
    handle = (post.raw or {}).get("forwarded_from") or handles.get(source.channel_id or 0)
    if not isinstance(handle, str) and source.channel_id is None:
        return
    if isinstance(handle, str) and handle.lower() in mine:
        return
    key = handle.lower() if isinstance(handle, str) else f"#{source.channel_id}"
    entry = found.setdefault(
        key, Named(handle=handle if isinstance(handle, str) else None, number=source.channel_id)
    )
    entry.title = entry.title or source.name or ""
    entry.number = entry.number or source.channel_id
    entry.forwards.append(post)
