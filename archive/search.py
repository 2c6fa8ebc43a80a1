"""Search: a page of what the archive holds, with where it stands and who else says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archive import complaint
from archive.copies import Copies, family_of
from archive.errors import FilterError
from archive.indexer import unsearchable
from archive.query import Order, Paging, Query
from archive.rank import leaves, score
from archive.resolve import Asked, resolve
from archive.sighting import Sighting, Snippet
from archive.tree import Node
from domain.post import Post, Revision
from domain.sentence import Sentence
from storage.conditions import Narrowing
from storage.search import Found
from storage.store import Transaction

#: By relevance the newest so many posts are ordered that a query finds.
RANKED = 1000
#: A page of copies alone is not looked for any longer than this.
_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A post that was found."""

    found: Found
    tree: Node | None
    copies: Copies | None = None  #: None: nobody else says so
    score: float | None = None
    #: The texts of its versions, once one was looked at: each is folded once, whatever is asked of it.
    _sightings: list[Sighting] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def post(self) -> Post:
        return self.found.post

    @property
    def versions(self) -> Sequence[Post | Revision]:
        return (self.found.post, *self.found.revisions)

    def saying(self) -> tuple[int, ...]:
        """The numbers of the versions that by themselves answer to the query's words; 0: as first seen."""
        return tuple(n for n, each in enumerate(self._looked_at()) if each.says(self.tree))

    def shown(self) -> int:
        """The version to show: the one that stands if it answers, else the last that does."""
        if len(self.versions) == 1:
            return 0
        saying = self.saying()
        return self.found.current if self.found.current in saying or not saying else saying[-1]

    def snippet(self, length: int = 160) -> tuple[int, Snippet]:
        """The number of a version, and the part of its raw text that says what was sought."""
        number = self.shown()
        return number, self._looked_at()[number].snippet(self.tree, length)

    def _looked_at(self) -> Sequence[Sighting]:
        if not self._sightings:
            self._sightings.extend(Sighting(each.text) for each in self.versions)
        return self._sightings


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    hits: Sequence[Hit]
    next: str | None  #: give it as `after` for the next page; None: this was the last
    unsearchable: int  #: posts and edits that the index does not have yet
    ranked: int | None = None  #: by relevance: how many posts were put in order
    folded: int = 0  #: copies of others on this page that were left out
    upto: int | None = None  #: the newest that this search looks at: give it with `after`
    #: There are posts of that time of which nobody can say any more whether they answer: what they said was
    #: removed.
    removed: bool = False


async def search(tx: Transaction, query: Query, paging: Paging | None = None) -> Page:
    """Raises QueryError for words that cannot be read, FilterError for what does not exist."""
    paging = paging or Paging()
    asked = await resolve(tx, query)
    missing = await unsearchable(tx)
    if paging.upto is not None:
        narrowing = replace(asked.narrowing, last=min(asked.narrowing.last, paging.upto))
        asked = replace(asked, narrowing=narrowing)
    if paging.order is Order.RELEVANCE:
        page = await _by_relevance(tx, asked, paging)
    else:
        page = await _in_order(tx, asked, paging)
    removed = asked.hidden is not None and bool(await tx.search.newest(asked.hidden, 1))
    return replace(page, unsearchable=missing, removed=removed)


async def _in_order(tx: Transaction, asked: Asked, paging: Paging) -> Page:
    newest = paging.order is Order.NEWEST
    narrowing, before = asked.narrowing, None
    if paging.after is not None:
        place = _place(paging.after, paging.order)
        upto_place = replace(narrowing, last=min(narrowing.last, place - newest))
        from_place = replace(narrowing, first=max(narrowing.first, place + (not newest)))
        narrowing, before = (upto_place, from_place) if newest else (from_place, upto_place)
    docs: list[int] = []
    seen: list[int] = []
    upto = paging.upto
    kin: dict[int, Copies | None] = {}
    more, folded, last = True, 0, 0
    for n_round in range(_ROUNDS):
        # Some more than are wanted, for some will be copies: their numbers cost little.
        size = (paging.limit - len(docs) + 10) << n_round
        page = await (tx.search.newest if newest else tx.search.oldest)(narrowing, min(size, 500) + 1)
        more = len(page) > min(size, 500)
        page = page[: min(size, 500)]
        if newest and upto is None and paging.after is None and page:
            upto = page[0]
        seen += page
        family = await family_of(tx, page, seen, before)
        for n, doc in enumerate(page):
            last = doc
            if paging.fold_copies and family.told_before(doc, newest=newest):
                folded += 1
            else:
                docs.append(doc)
                kin[doc] = family.of(doc)
            if len(docs) == paging.limit:
                more = more or n + 1 < len(page)
                break
        if not more or len(docs) == paging.limit:
            break
        narrowing = replace(narrowing, last=last - 1) if newest else replace(narrowing, first=last + 1)
    found = await tx.search.load(docs)
    return Page(
        hits=[Hit(found=found[doc], tree=asked.tree, copies=kin[doc]) for doc in docs],
        next=f"{paging.order.value[0]}{last}" if more else None,
        unsearchable=0,
        folded=folded,
        upto=upto,
    )


async def _by_relevance(tx: Transaction, asked: Asked, paging: Paging) -> Page:
    start = 0 if paging.after is None else _place(paging.after, paging.order)
    docs = await tx.search.newest(asked.narrowing, RANKED)
    texts = await tx.search.load(docs)
    sought = leaves(asked.tree)
    upto = paging.upto if paging.upto is not None else max(docs, default=None)
    # Counted up to the same post on every page, so that what arrives meanwhile changes no score.
    known = Narrowing() if upto is None else Narrowing(last=upto)
    documents = await tx.search.count(known)
    holding = {leaf.raw: await tx.search.count(replace(known, match=leaf.words)) for leaf in sought}
    scores: dict[int, float] = {}
    for doc, each in texts.items():
        versions = (each.post.text, *(revision.text for revision in each.revisions))
        scores[doc] = max(score(Sighting(text), sought, holding, documents) for text in versions)
    ranked = sorted(docs, key=lambda doc: (-scores[doc], -doc))
    if paging.fold_copies:
        held = await tx.search.held(docs)
        ranked = _without_copies(ranked, {doc: (each.band_a, each.band_b) for doc, each in held.items()})
    part = ranked[start : start + paging.limit]
    kin = await family_of(tx, part)
    hits = [Hit(found=texts[doc], tree=asked.tree, copies=kin.of(doc), score=scores[doc]) for doc in part]
    end = start + len(part)
    return Page(
        hits=hits,
        next=f"r{end}" if end < len(ranked) else None,
        unsearchable=0,
        ranked=len(docs),
        folded=len(docs) - len(ranked),
        upto=upto,
    )


def _without_copies(ranked: Sequence[int], bands: dict[int, tuple[int, int]]) -> list[int]:
    """Of posts that agree in both bands, and so say the same, only the best."""
    told: set[tuple[int, int]] = set()
    out = []
    for doc in ranked:
        if (pair := bands[doc])[0]:
            if pair in told:
                continue
            told.add(pair)
        out.append(doc)
    return out


def _place(after: str, order: Order) -> int:
    """Where the page before ended."""
    number = after[1:]
    if after[:1] != order.value[0] or not number.isdecimal() or len(number) > 19:
        raise FilterError(
            Sentence(complaint.NO_PLACE, words=repr(after), order=order.value),
            hint=Sentence(complaint.GIVE_NEXT),
        )
    return int(number)
