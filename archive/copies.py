"""Near-duplicates of what was found: who said it first, and in how many channels it stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.sketch import is_copy, telling
from archive.tokens import band_sign, words_of
from claims.normalise import fold_text
from storage.conditions import Narrowing
from storage.doc_number import posted_at
from storage.indexing import Held
from storage.store import Transaction

#: Of one page so many possible copies are looked at; of more, "at least" is said.
_MOST = 3000
#: Of these so many are compared word by word; the others count where both of their bands agree.
_COMPARED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """A post among those that say nearly the same, itself included."""

    posts: int
    channels: int
    first: Held
    complete: bool = True  #: False: there may be more

    @property
    def first_at(self) -> datetime:
        return posted_at(self.first.doc)


class Family:
    """The posts that say nearly the same as some, of all the archive and of what a query finds."""

    def __init__(
        self, members: Mapping[int, Sequence[Held]], matching: frozenset[int], *, complete: bool
    ) -> None:
        self._members = members
        self._matching = matching
        self._complete = complete

    def of(self, doc: int) -> Copies | None:
        """None: nobody else says so."""
        members = self._members.get(doc, ())
        if len(members) < 2:
            return None
        return Copies(
            posts=len(members),
            channels=len({each.key.channel_id for each in members}),
            first=min(members, key=lambda each: each.doc),
            complete=self._complete,
        )

    def members(self, doc: int) -> Sequence[int]:
        """The documents that say nearly the same, itself among them."""
        return [each.doc for each in self._members.get(doc, ())]

    def told_before(self, doc: int, *, newest: bool) -> bool:
        """Does another copy that the query finds come before this one in the order of the search?"""
        others = (each.doc for each in self._members.get(doc, ()) if each.doc in self._matching)
        return any(other > doc if newest else other < doc for other in others)


async def family_of(
    tx: Transaction, docs: Sequence[int], found: Iterable[int] = (), before: Narrowing | None = None
) -> Family:
    """Of these documents. What the query finds: `found` so far, without a gap, and of what comes before that
    in the order of the search all that answers to `before`; None: nothing comes before.
    """
    if not docs:
        return Family({}, frozenset(), complete=True)
    wanted = [each for each in (await tx.search.held(docs)).values() if each.band_a]
    if not wanted:
        return Family({}, frozenset(), complete=True)
    bands = sorted({band for each in wanted for band in (each.band_a, each.band_b)})
    near = await tx.search.with_bands(bands, [band_sign(band) for band in bands], _MOST)
    by_band: dict[int, list[Held]] = defaultdict(list)
    for each in near:
        by_band[each.band_a].append(each)
        by_band[each.band_b].append(each)
    members, half = _sorted(wanted, by_band)
    compared = sorted({other.doc for others in half.values() for other in others})[:_COMPARED]
    texts = await tx.search.texts({*half, *compared}) if compared else {}
    words = {doc: _telling(text) for doc, text in texts.items()}
    for doc, others in half.items():
        members[doc] += [
            each for each in others if each.doc in words and is_copy(words[doc], words[each.doc])
        ]
    matching = frozenset(found)
    if before is not None:
        alike = [kin for kin in members.values() if len(kin) > 1]
        earlier = sorted(
            {each.doc for kin in alike for each in kin if before.first <= each.doc <= before.last}
        )
        if earlier:
            shared = sorted({sign for kin in alike for sign in _signs(kin[0])})
            matching |= await tx.search.among(before, earlier, shared)
    complete = len(near) < _MOST and len(compared) < _COMPARED
    return Family(members, matching, complete=complete)


def _signs(each: Held) -> tuple[str, str]:
    return band_sign(each.band_a), band_sign(each.band_b)


def _sorted(
    wanted: Iterable[Held], by_band: Mapping[int, Sequence[Held]]
) -> tuple[dict[int, list[Held]], dict[int, list[Held]]]:
    """Of each document those that agree in both bands, and those that agree in one."""
    full: dict[int, list[Held]] = {}
    half: dict[int, list[Held]] = {}
    for each in wanted:
        near = {other.doc: other for band in (each.band_a, each.band_b) for other in by_band.get(band, ())}
        full[each.doc] = [each]
        for other in near.values():
            if other.doc == each.doc:
                continue
            if (other.band_a, other.band_b) == (each.band_a, each.band_b):
                full[each.doc].append(other)
            else:
                half.setdefault(each.doc, []).append(other)
    return full, half


def _telling(text: str) -> Sequence[str]:
    folded = fold_text(text)
    return telling(folded, words_of(folded))
