"""A query as the storage is asked it: names become numbers, and what is not there is said to be not there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from archive import complaint
from archive.ask import asked
from archive.errors import FilterError
from archive.parse import parse
from archive.query import Query
from archive.tokens import (
    EDITED,
    FORWARDED,
    LINKED,
    REMOVED,
    channel_sign,
    media_sign,
    source_name_sign,
    source_sign,
)
from archive.tree import All, Any, Node, Not
from claims.reading import LANGUAGES
from claims.scope import CLAIMANT, KIND, LANGUAGE, PLACE, TOPIC, WEAPON, Scope, looked_for
from domain.channel import Channel, going_by
from domain.sentence import Sentence
from storage.conditions import Narrowing, Unread
from storage.match import Both, Match, Sign
from storage.search import between
from storage.store import Transaction

_MEDIA = ("photo", "video", "document", "audio", "voice", "sticker", "poll", "webpage", "geo", "other")
_ANYBODY = "*"
#: Of what there is, so many are named to whoever named what is not there.
_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query, ready to be asked."""

    tree: Node | None
    narrowing: Narrowing
    channels: Sequence[Channel] | None  #: in which it looks; None: in all
    #: The posts of which nobody can say any more whether they answer to it, for what they said was removed;
    #: None: it asks nothing of what went with that, or nothing was ever removed.
    hidden: Narrowing | None = None
    #: The posts that were emptied and may answer to all that is known of them; None: none can.
    emptied: Narrowing | None = None


async def resolve(tx: Transaction, query: Query, *, reader_version: int | None = None) -> Asked:
    """`reader_version`: whose topics and claims; None: of the one that counts.

    Raises QueryError for words that cannot be read, FilterError for what does not exist.
    """
    tree = parse(query.text)
    match, exactly = asked(query.text, tree)
    channels = None
    names = query.channels or query.groups or query.forwarded_from
    everywhere = await tx.channels.all() if names else ()
    parts: list[Match] = []
    without: list[Match] = []
    if query.channels or query.groups:
        channels = _channels(query, everywhere)
        former = await tx.index.former_numbers()
        numbers = [n for c in channels for n in (c.id, *former.get(c.id, ()))]
        parts.append(Sign(tuple(channel_sign(n) for n in numbers)))
    where = [*parts, Sign((REMOVED,))]
    parts.insert(0, match)
    if query.media:
        if strange := [kind for kind in query.media if kind not in _MEDIA]:
            raise FilterError(
                Sentence(complaint.NO_MEDIA, name=repr(strange[0])),
                hint=Sentence(complaint.THERE_ARE, names=_MEDIA),
            )
        parts.append(Sign(tuple(media_sign(kind) for kind in query.media)))
    if query.forwarded_from:
        parts.append(Sign(tuple(_sources(query.forwarded_from, everywhere))))
    for wanted, sign in ((query.edited, EDITED), (query.links, LINKED)):
        if wanted is not None:
            (parts if wanted else without).append(Sign((sign,)))
    asks_what_is_said = _asks_what_is_said(query)
    if asks_what_is_said and (query.links is False or _has_not(tree)):
        without.append(Sign((REMOVED,)))  # that it does not say something, nobody knows
    first, last = between(query.since, query.until)
    if query.since is not None and query.until is not None and query.since >= query.until:
        raise FilterError(
            Sentence(complaint.NOTHING_BETWEEN, since=query.since.isoformat(), until=query.until.isoformat()),
            hint=Sentence(complaint.SINCE_FIRST),
        )
    version = None
    if query.languages or query.topics or query.claimants or query.places or query.weapons or query.kinds:
        version = reader_version or await tx.readings.live_version()
        if version is None:
            raise FilterError(
                Sentence(complaint.NOTHING_READ),
                hint=Sentence(complaint.READ_THEM, command="`deadair reread --yes`", running="`deadair run`"),
            )
        await _known(tx, query, version)
    narrowing = Narrowing(
        match=Both(tuple(parts), tuple(without)),
        first=first,
        last=last,
        since=query.since if query.since is not None and query.since.microsecond else None,
        until=query.until if query.until is not None and query.until.microsecond else None,
        exactly=exactly,
        languages=query.languages,
        topics=query.topics,
        claimants=query.claimants,
        places=query.places,
        weapons=query.weapons,
        kinds=query.kinds,
        deleted=query.deleted,
        views_at_least=query.views_at_least,
        views_at_most=query.views_at_most,
        reader_version=version,
    )
    hidden = emptied = None
    if await tx.removals.any():
        unread = await _unread(tx, query, version)
        if not _asks_for_claims(query) or unread is not None:
            edits = Sign((EDITED,))
            emptied = replace(
                narrowing,
                match=Both(
                    (*where, *((edits,) if query.edited else ())), (edits,) if query.edited is False else ()
                ),
                exactly=(),
                unread=unread,
            )
            if asks_what_is_said:
                hidden = emptied
            elif unread is not None:
                hidden = replace(emptied, unread=replace(unread, alone=True))
    return Asked(tree=tree, channels=channels, narrowing=narrowing, hidden=hidden, emptied=emptied)


def _asks_for_claims(query: Query) -> bool:
    return bool(query.claimants or query.places or query.weapons or query.kinds)


async def _unread(tx: Transaction, query: Query, version: int | None) -> Unread | None:
    """Who read what was emptied and did not look for what is asked; None: nobody that matters."""
    if version is None:
        return None
    scope = await Scope.of(tx, version)
    claims = (
        (CLAIMANT, query.claimants),
        (PLACE, query.places),
        (WEAPON, query.weapons),
        (KIND, query.kinds),
    )
    found = Unread(
        languages=scope.missed(LANGUAGE, query.languages),
        topics=scope.missed(TOPIC, query.topics),
        claims=tuple(sorted({n for what, names in claims for n in scope.missed(what, names)})),
    )
    if _asks_for_claims(query) and not found.claims:
        return None
    return found if found.languages or found.topics or found.claims else None


def _asks_what_is_said(query: Query) -> bool:
    """Of what a post said, showed or took from others; what was read of it is still known, and no post with a
    claim is ever emptied.
    """
    if _asks_for_claims(query):
        return False
    return bool(query.text.strip() or query.media or query.forwarded_from or query.links is not None)


def _has_not(node: Node | None) -> bool:
    match node:
        case Not():
            return True
        case All(parts=parts) | Any(parts=parts):
            return any(_has_not(part) for part in parts)
        case _:
            return False


def _channels(query: Query, everywhere: Sequence[Channel]) -> list[Channel]:
    out = [_channel(name, everywhere) for name in query.channels]
    for group in query.groups:
        members = [c for c in everywhere if (c.group or "").casefold() == group.casefold()]
        if not members:
            raise unknown("group", group, sorted({c.group for c in everywhere if c.group}))
        out += members
    return list({c.id: c for c in out}.values())


def _channel(name: str, everywhere: Sequence[Channel]) -> Channel:
    found = named(name, everywhere)
    if found is None:
        raise unknown("channel", name, [c.name for c in everywhere])
    return found


def named(name: str, everywhere: Sequence[Channel]) -> Channel | None:
    """By @handle in any case, link or number, else by title; one that Telegram knows before one from a file
    only.
    """
    return min(going_by(name, everywhere), key=lambda c: c.id < 0, default=None)


def _sources(names: Iterable[str], everywhere: Sequence[Channel]) -> Iterable[str]:
    for name in names:
        if name == _ANYBODY:
            yield FORWARDED
            continue
        yield source_name_sign(name)
        if (found := named(name, everywhere)) is not None:
            yield source_sign(found.id)
        elif name.isdecimal():
            yield source_sign(int(name))


async def _known(tx: Transaction, query: Query, version: int) -> None:
    await _looked_for(tx, query, version)
    for what, column, values in (
        ("claimant", "claimant", query.claimants),
        ("place", "location", query.places),
        ("weapon", "weapons", query.weapons),
        ("kind of claim", "kind", query.kinds),
    ):
        if values:
            there = await tx.search.claim_values(column, version)
            for value in values:
                if value not in there:
                    raise unknown(what, value, there)


async def _looked_for(tx: Transaction, query: Query, version: int) -> None:
    """One that no post has finds nothing; one that nobody looks for is a slip of the pen."""
    there = {"topic": set[str](), "language": set(LANGUAGES)}
    if query.topics:
        # What an earlier version looked for stands on in what it read and has been emptied since.
        for reader in (version, *await tx.readings.taken_over_from(version)):
            there["topic"] |= (await looked_for(tx, reader)).get(TOPIC, {}).keys()
    for what, values in (("topic", query.topics), ("language", query.languages)):
        for value in values:
            if there[what] and value not in there[what]:
                raise unknown(what, value, sorted(there[what]))


def unknown(what: str, name: str, there: Sequence[str]) -> FilterError:
    near = get_close_matches(name, there, n=3, cutoff=0.5)
    if near:
        hint = Sentence(complaint.DID_YOU_MEAN, names=tuple(near))
    elif there:
        more = ("...",) if len(there) > _LISTED else ()
        hint = Sentence(complaint.IT_HAS, names=(*there[:_LISTED], *more))
    else:
        hint = Sentence(complaint.IT_HAS_NONE)
    return FilterError(Sentence(complaint.NOT_IN_ARCHIVE[what], name=repr(name)), hint=hint)
