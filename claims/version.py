"""Which reader understood a post: a number that rises when posts would be understood otherwise.

A series never mixes two versions, so that a change of reader cannot look like a surge or a silence.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from storage.store import Store

#: Rises whenever the rules or the lexicon that ship with this program would read a post otherwise.
READER_VERSION = 1

_MARK = "reader.versions"


def fingerprint(words: Mapping[str, Sequence[str]]) -> str:
    """What the reading depends on: our rules, and the words of the configured topics."""
    h = blake2b(str(READER_VERSION).encode(), digest_size=16)
    for name in sorted(words):
        h.update(f"\0\0{name}\0".encode())
        h.update("\0".join(sorted(set(words[name]))).encode("utf-8", "surrogatepass"))
    return h.hexdigest()


async def settle_version(store: Store, words: Mapping[str, Sequence[str]], now: datetime) -> int:
    """The number under which posts are read with these topics in this archive.

    The first is 1. Word lists or rules that were not used last get the next number, and the archive is then
    read again under it; going back to earlier ones goes back to their number and its readings.
    """
    print_ = fingerprint(words)
    async with store.begin() as tx:
        known: list[str] = list((await tx.marks.get(_MARK)).get("fingerprints", []))
        if print_ not in known:
            known.append(print_)
            await tx.marks.set(_MARK, {"fingerprints": known}, now)
        return known.index(print_) + 1
