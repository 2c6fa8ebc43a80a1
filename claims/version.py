"""Which reader understood a post: a number that rises when posts would be understood otherwise.

A series never mixes two versions, so that a change of reader cannot look like a surge or a silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from claims import pauses
from claims.lexicon.load import Lexicon
from claims.scope import record
from claims.topics import WordTopics
from storage.store import Store, Transaction

#: Of the rules in code. It must rise with every change after which some post may be read otherwise: of the
#: folding, the languages, the rules, the slots, or of which claims are of one act. What the lexicon and the
#: operator's own files and topics hold is taken in by itself. The labelled posts of the tests notice most
#: changes: `python -m tests.support.readings` raises the number and records what is read now.
READER_VERSION = 7

_MARK = "reader.versions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """All that a reading depends on besides the rules in code."""

    lexicon: Lexicon
    topics: WordTopics = field(default_factory=lambda: WordTopics({}))
    #: What each channel of the config means without saying it (its zone, its "resistance"), by its handle in
    #: small letters or its number.
    channels: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    default: Sequence[str | None] = ("UTC", None)  #: the same of a channel that the config does not name


def fingerprint(reads: Reads) -> str:
    """What the reading of every channel depends on: rules, lexicon, own topics. The same anywhere."""
    read_by = f"{READER_VERSION}\0{reads.lexicon.digest}\0{pauses.digest()}"
    h = blake2b(read_by.encode(), digest_size=16)
    for name, words, others in reads.topics.definitions():
        h.update(f"\0\0{name}\0".encode())
        h.update("\0".join(sorted(set(words))).encode("utf-8", "surrogatepass"))
        if others:
            h.update(("\0\1" + "\0".join(sorted(others))).encode())
    return h.hexdigest()


async def settle_version(store: Store, reads: Reads, now: datetime) -> int:
    """The number under which posts are read with all this in this archive.

    The first is 1. What was not used before gets the next number; going back to something earlier goes back
    to its number and its readings. A channel that is new to the config needs no other number, unless the
    archive holds it already and it means something else than what was assumed.
    """
    print_ = fingerprint(reads)
    async with store.begin() as tx:
        mark: dict[str, Any] = await tx.marks.get(_MARK)
        prints: list[str] = list(mark.get("fingerprints", []))
        channels: list[dict[str, list[str | None]]] = [dict(known) for known in mark.get("channels", [])]
        channels += [{} for _ in prints[len(channels) :]]
        for place, known in enumerate(prints):
            if known == print_ and await _agree(tx, channels[place], reads):
                break
        else:
            place = len(prints)
            prints.append(print_)
            channels.append({})
        channels[place] |= {name: list(means) for name, means in reads.channels.items()}
        now_known = {"fingerprints": prints, "channels": channels}
        if now_known != mark:
            await tx.marks.set(_MARK, now_known, now)
        await record(tx, place + 1, reads, now)
        return place + 1


async def _agree(tx: Transaction, known: Mapping[str, Sequence[str | None]], reads: Reads) -> bool:
    """Was every channel read as it is meant now?"""
    for name, means in reads.channels.items():
        before = known.get(name)
        if before is None:
            if list(means) != list(reads.default) and await tx.channels.by_name(name) is not None:
                return False
        elif list(before) != list(means):
            return False
    return True
