"""What a post of the archive says, read whole and as its channel means it. Pure, and safe in a thread."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from claims.normalise import fold
from claims.pauses import announced
from claims.reading import read_post
from claims.topics import with_unions
from domain.channel import Channel, Handle
from domain.claim import Claim
from domain.post import Post, PostKind

if TYPE_CHECKING:
    from claims.version import Reads

#: Says of a post that none of the others was met, which a reading says by having none.
_NONE_OF_THEM = "misc"


class Read(NamedTuple):
    """What was read in one text. Of an album, topics and claimants are those of the whole."""

    language: str | None = None
    topics: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    pause: str = ""  #: the words by which the channel announces a pause of its own, its end, or a move
    trouble: str = ""  #: why it could not be read: nobody knows what it says


class Words(NamedTuple):
    """What of a post its reading depends on, beside what its channel means."""

    channel_id: int
    posted_at: datetime
    text: str
    is_service: bool
    is_forward: bool


def words_of(post: Post, text: str | None = None) -> Words:
    """Those of a post as first seen, or with the `text` of a later revision."""
    said = post.text if text is None else text
    is_service = post.kind is PostKind.SERVICE
    return Words(post.channel_id, post.posted_at, said, is_service, post.forward is not None)


class Usage(NamedTuple):
    """What a channel means without saying it."""

    zone: tzinfo
    resistance: str | None  #: the actor behind a bare "the Islamic Resistance"


class Interpreter:
    """Reads posts by a lexicon, by the operator's own topics, and by what each channel means.

    An own topic takes the place of the lexicon's of the same name.
    """

    def __init__(self, reads: "Reads") -> None:
        self.lexicon = reads.lexicon
        self._topics = reads.topics
        self._named = {name: _usage(means) for name, means in reads.channels.items()}
        self._default = _usage(reads.default)

    def usages(self, channels: Iterable[tuple[Channel, Iterable[Handle]]]) -> Mapping[int, Usage]:
        """What each channel means, by its number.

        The config may know it by any handle that it ever had, unless that is another channel's now.
        """
        known = list(channels)
        now = {c.handle.casefold(): c.id for c, _ in known if c.handle}
        out: dict[int, Usage] = {}
        for channel, handles in known:
            former = [handle.name.casefold() for handle in handles]
            names = [name for name in former if now.get(name, channel.id) == channel.id]
            if channel.handle:
                names.append(channel.handle.casefold())
            found = [self._named[name] for name in (str(channel.id), *names[::-1]) if name in self._named]
            out[channel.id] = found[0] if found else self._default
        return out

    def read(self, words: Words, usage: Usage | None) -> Read:
        """What these words of a channel say that means this."""
        if words.is_service or not words.text:
            return Read()
        zone, resistance = usage or self._default
        folded = fold(words.text)
        posted = words.posted_at.astimezone(zone)
        found = read_post(self.lexicon, folded, posted=posted, resistance=resistance)
        closed = with_unions([t.name for t in found.topics if t.name != _NONE_OF_THEM], self.lexicon.unions)
        own = self._topics.topics(folded, closed)
        return Read(
            language=found.language,
            topics=(*own, *(name for name in closed if name not in self._topics.names)),
            claimants=_claimants(found.claims),
            claims=found.claims,
            pause="" if words.is_forward else announced(folded),
        )

    def attempt(self, words: Words, usage: Usage | None) -> Read:
        """The same; a text that the reader stumbles over, as nobody has thought of its like, says why."""
        try:
            return self.read(words, usage)
        except Exception as error:  # one text must not keep all others from being read
            return Read(trouble=repr(error))

    def read_each(self, words: Sequence[Words], usages: Mapping[int, Usage]) -> list[Read]:
        """What each of these says by itself."""
        return [self.attempt(each, usages.get(each.channel_id)) for each in words]

    def read_all(self, posts: Sequence[Post], usages: Mapping[int, Usage]) -> list[Read]:
        """What these posts say as first seen, the parts of an album together."""
        return joined(posts, self.read_each([words_of(post) for post in posts], usages))


def joined(posts: Sequence[Post], reads: Sequence[Read]) -> list[Read]:
    """What was read in each of these posts; the parts of an album share topics and claimants."""
    out = list(reads)
    albums: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, post in enumerate(posts):
        if post.album_id is not None:
            albums[post.channel_id, post.album_id].append(i)
    for parts in albums.values():
        topics = tuple(dict.fromkeys(topic for i in parts for topic in out[i].topics))
        claimants = tuple(dict.fromkeys(name for i in parts for name in out[i].claimants))
        for i in parts:
            out[i] = out[i]._replace(topics=topics, claimants=claimants)
    return out


def _claimants(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Whom attack claims name, each once; footage and mentions of earlier acts are left out."""
    named = (c.claimant for c in claims if c.kind.is_attack and not c.repeat)
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _usage(means: Sequence[str | None]) -> Usage:
    zone, resistance = means
    return Usage(ZoneInfo(zone or "UTC"), resistance)
