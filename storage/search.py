"""Search: which posts answer to a narrowing, how many, and all that is kept of them."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import Deletion, Post, PostKey, Revision
from storage.conditions import FIRST, LAST, Conditions, Narrowing, conditions, how_many, listed, words_there
from storage.doc_number import SEQ_BITS, second_of
from storage.documents import post_record
from storage.indexing import Held, held_record
from storage.keys import CHUNK, bound, one_of
from storage.match import Both, Match, Sign, fts5, narrowed, readings, spread
from storage.revisions import revision_record
from storage.slice import first_slice, next_slice
from storage.straight import rows_of
from storage.tables import Counters, Deletions, Documents, Posts, Revisions

_MASK = (1 << SEQ_BITS) - 1
#: What is kept of a document, in the order in which it is asked for.
_HELD = [column.name for column in Documents.__table__.columns]
#: SQLite looks documents up one by one where so few answer to what is asked of topics or claims; else it goes
#: through what has the words, the newest first, until it has enough. At a million posts both take as long.
_FEW = 2000
#: Into more words and phrases than this nothing is spread before it is known which of them there are at all.
_SPREAD = 30
#: Documents that have a sign by chance, beside those that are asked about.
_MOST_OTHERS = 2000


#: Kept for the transaction. A plan made once for all words would be a bad one for most; a short memory makes
#: searches guess; and to start a second process takes longer than most of them.
_SET = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true), "
    "set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A post with all that a search shows of it."""

    doc: int
    post: Post  #: as first seen
    current: int  #: the version that stands; 0: as first seen
    revisions: tuple[Revision, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    views: int | None = None  #: the highest count seen; None: nobody told

    @property
    def gone(self) -> Deletion | None:
        """Its deletion, while it lasts."""
        return next((each for each in self.deletions if each.returned_at is None), None)


class SearchRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._postgres = connection.dialect.name == "postgresql"
        self._prepared = False
        self._few: dict[Narrowing, Sequence[int] | None] = {}
        self._narrowed: dict[Match, Match] = {}

    async def _conditions(
        self, narrowing: Narrowing, *, of_all: bool = False, by_signs: bool = True
    ) -> Conditions:
        """`of_all`: every document that answers to it is asked for, and not only some of them."""
        if spread(narrowing.match) > (1 if of_all and self._postgres else _SPREAD):
            narrowing = replace(narrowing, match=await self._of_what_there_is(narrowing.match))
        if self._postgres and (narrowing.first > FIRST) != (narrowing.last < LAST):
            first, last = await self._bounds(narrowing)  # a time with two ends has signs
            narrowing = replace(narrowing, first=first, last=last)
        few = {} if self._postgres else {part: await self._listed(part) for part in narrowing.listable}
        known = {part: docs for part, docs in few.items() if docs is not None}
        return conditions(narrowing, postgres=self._postgres, few=known, by_signs=by_signs)

    async def _listed(self, part: Narrowing) -> Sequence[int] | None:
        """The documents that answer to it; None: too many to be looked up. The same for all pages."""
        if part not in self._few:
            n, bound = how_many(part, _FEW + 1)
            if (await self._connection.execute(text(n), bound)).scalar_one() > _FEW:
                self._few[part] = None
            else:
                what, bound = listed(part)
                self._few[part] = [row[0] for row in await self._connection.execute(text(what), bound)]
        return self._few[part]

    async def _of_what_there_is(self, match: Match) -> Match:
        """The same asked of those readings of its words alone that stand anywhere. The same for all pages."""
        if not (words := sorted(readings(match))):
            return match
        if match not in self._narrowed:
            made = Conditions(self._postgres)
            asked = words_there(words, made)
            async with self._by_index_alone():
                there = await self._run(made, asked)
            self._narrowed[match] = narrowed(match, {row[0] for row in there})
        return self._narrowed[match]

    async def _run(self, made: Conditions, what: str) -> Sequence[Any]:
        if self._postgres and not self._prepared:
            await self._connection.execute(_SET)
            self._prepared = True
        return await rows_of(self._connection, what, made.bound)

    @asynccontextmanager
    async def _by_index_alone(self) -> AsyncIterator[None]:
        """To find one document that has a word, PostgreSQL would rather begin to read all there are."""
        if self._postgres:
            await self._connection.execute(text("SET LOCAL enable_seqscan = off"))
        yield
        if self._postgres:
            await self._connection.execute(text("SET LOCAL enable_seqscan = on"))

    async def newest(self, narrowing: Narrowing, limit: int) -> Sequence[int]:
        """The numbers of documents, newest first."""
        return await self._in_order(narrowing, limit, newest=True)

    async def oldest(self, narrowing: Narrowing, limit: int) -> Sequence[int]:
        return await self._in_order(narrowing, limit, newest=False)

    async def _in_order(self, narrowing: Narrowing, limit: int, *, newest: bool) -> Sequence[int]:
        if not self._postgres:
            return await self._page(narrowing, limit, newest=newest)
        # GIN knows no order: it is asked for one stretch of time after another.
        oldest, latest = await self._ends()
        first, last = max(oldest, narrowing.first), min(latest, narrowing.last)
        out: list[int] = []
        width, looked_at = first_slice(last - first), 0
        while first <= last and len(out) < limit:
            cut = replace(
                narrowing,
                first=max(first, last - width) if newest else first,
                last=last if newest else min(last, first + width),
            )
            # Signs of most of the time are in most posts, and only cost the index.
            by_signs = 2 * (cut.last - cut.first) < latest - oldest
            page = await self._page(cut, limit - len(out), newest=newest, by_signs=by_signs)
            out += page
            looked_at += cut.last - cut.first + 1
            width = next_slice(looked_at, len(out), limit - len(out)) if out else 8 * width
            if newest:
                last = cut.first - 1
            else:
                first = cut.last + 1
        return out

    async def _bounds(self, narrowing: Narrowing) -> tuple[int, int]:
        oldest, latest = await self._ends()
        return max(oldest, narrowing.first), min(latest, narrowing.last)

    async def _ends(self) -> tuple[int, int]:
        """The first and the last document of all."""
        ((low, high),) = await rows_of(self._connection, "SELECT min(doc), max(doc) FROM words")
        return (LAST, FIRST) if low is None else (low, high)

    async def _page(
        self, narrowing: Narrowing, limit: int, *, newest: bool, by_signs: bool = True
    ) -> Sequence[int]:
        made = await self._conditions(narrowing, by_signs=by_signs)
        way = "DESC" if newest else "ASC"
        most = made.bind(limit)
        if self._postgres or made.looked_up:
            # The order afterwards: FTS5 takes four times as long to look up what it is to give from the end.
            sql = (
                f"WITH hits AS MATERIALIZED (SELECT {made.doc} AS doc FROM {made.source} WHERE {made.asked}) "
                f"SELECT doc FROM hits ORDER BY doc {way} LIMIT {most}"
            )
        else:
            sql = f"SELECT words.rowid FROM words WHERE {made.asked} ORDER BY words.rowid {way} LIMIT {most}"
        return [row[0] for row in await self._run(made, sql)]

    async def count(self, narrowing: Narrowing) -> int:
        made = await self._conditions(narrowing, of_all=True)
        rows = await self._run(made, f"SELECT count(*) FROM {made.source} WHERE {made.asked}")
        return int(rows[0][0])

    async def by_stretch(
        self, narrowing: Narrowing, seconds: int, offsets: Sequence[tuple[int, int]]
    ) -> dict[int, int]:
        """Posts in stretches of so many seconds of local time, by the stretch's number since 1970.

        `offsets`: from which second of UTC on the local clock is ahead by how much, oldest first.
        """
        made = await self._conditions(narrowing, of_all=True)
        second = f"({made.doc} >> {SEQ_BITS})"
        # Side by side, the newest first: years of summer times within each other are too deep for SQLite.
        cases = [f"WHEN {second} >= {int(since)} THEN {int(ahead)}" for since, ahead in reversed(offsets[1:])]
        first = str(int(offsets[0][1]))
        ahead = f"CASE {' '.join(cases)} ELSE {first} END" if cases else first
        rows = await self._run(
            made,
            f"SELECT ({second} + {ahead}) / {int(seconds)} AS part, count(*) FROM {made.source} "
            f"WHERE {made.asked} GROUP BY 1",
        )
        return {int(part): n for part, n in rows}

    async def by_channel(self, narrowing: Narrowing) -> dict[int, int]:
        return await self._by(narrowing, "d.channel_id", "")

    async def by_topic(self, narrowing: Narrowing) -> dict[str, int]:
        """A post of several topics counts for each; one of none counts for none."""
        each = (
            "CROSS JOIN jsonb_array_elements_text(r.topics) AS item"
            if self._postgres
            else ", json_each(r.topics) AS item"
        )
        joined = (
            "JOIN readings r ON r.channel_id = d.channel_id AND r.post_id = d.post_id "
            f"AND r.reader_version = {{version}} {each}"
        )
        return await self._by(narrowing, "item" if self._postgres else "item.value", joined)

    async def by_claimant(self, narrowing: Narrowing) -> dict[str, int]:
        """By whom claims of these posts name that stand; a post counts once for each."""
        joined = (
            "JOIN (SELECT DISTINCT channel_id, post_id, claimant FROM claims "
            "WHERE reader_version = {version} AND superseded_at IS NULL AND claimant IS NOT NULL) c "
            "ON c.channel_id = d.channel_id AND c.post_id = d.post_id"
        )
        return await self._by(narrowing, "c.claimant", joined)

    async def _by(self, narrowing: Narrowing, key: str, joined: str) -> dict[Any, int]:
        made = await self._conditions(narrowing, of_all=True)
        if joined:
            joined = joined.format(version=made.bind(narrowing.reader_version))
        rows = await self._run(
            made,
            f"SELECT {key}, count(*) FROM {made.source} JOIN documents d ON d.doc = {made.doc} {joined} "
            f"WHERE {made.asked} GROUP BY 1",
        )
        return {found: n for found, n in rows}  # noqa: C416 - mypy cannot make a dict of rows

    async def with_bands(self, bands: Sequence[int], signs: Sequence[str], limit: int) -> Sequence[Held]:
        """The documents that have one of these bands, oldest first. `signs`: the same in the index."""
        made = Conditions(self._postgres)
        columns = ", ".join(f"d.{name}" for name in _HELD)
        if self._postgres:
            # Not by GIN: of many signs at once PostgreSQL thinks that they are in half of all documents.
            wanted = f"ANY(CAST({made.bind(list(bands))} AS bigint[]))"
            sql = (
                f"SELECT {columns} FROM documents d WHERE d.band_a = {wanted} UNION "
                f"SELECT {columns} FROM documents d WHERE d.band_b = {wanted} ORDER BY 1"
            )
        else:
            sql = (
                f"SELECT {columns} FROM words JOIN documents d ON d.doc = words.rowid "
                f"WHERE words MATCH {made.bind(fts5(Sign(tuple(signs))))} ORDER BY words.rowid"
            )
        rows = await self._run(made, f"{sql} LIMIT {made.bind(limit)}")
        return [held_record(dict(zip(_HELD, row, strict=True))) for row in rows]

    async def among(self, narrowing: Narrowing, docs: Sequence[int], signs: Sequence[str]) -> frozenset[int]:
        """Which of these documents answer to the narrowing. `signs`: one of which each of them has."""
        if not self._postgres:
            both = replace(narrowing, match=Both((narrowing.match, Sign(tuple(signs)))))
            return frozenset(docs) & frozenset(await self._page(both, len(docs) + _MOST_OTHERS, newest=True))
        made = conditions(narrowing, postgres=True)
        these = f"doc = ANY(CAST({made.bind(list(docs))} AS bigint[]))"
        rows = await self._run(
            made,
            # Looked up by number first: what is sought may be in half of all documents.
            f"WITH these AS MATERIALIZED (SELECT doc, body FROM words WHERE {these}) "
            f"SELECT words.doc FROM {made.source_of('these')} WHERE {made.asked}",
        )
        return frozenset(row[0] for row in rows)

    async def held(self, docs: Iterable[int]) -> dict[int, Held]:
        """Whose documents these are, and what they may be copies of."""
        rows = await self._of("documents", "doc", docs, _HELD)
        found = (held_record(dict(zip(_HELD, row, strict=True))) for row in rows)
        return {each.doc: each for each in found}

    async def texts(self, docs: Iterable[int]) -> dict[int, str]:
        """The texts of posts as first seen."""
        by_seq = {doc & _MASK: doc for doc in docs}
        return {by_seq[seq]: words for seq, words in await self._of("posts", "seq", by_seq, ("seq", "text"))}

    async def _of(
        self, table: str, key: str, numbers: Iterable[int], columns: Sequence[str]
    ) -> Sequence[Any]:
        """The rows of a table that have these numbers, in order: all of them as one parameter."""
        made, wanted = Conditions(self._postgres), sorted(numbers)
        if self._postgres:
            where = f"{key} = ANY(CAST({made.bind(wanted)} AS bigint[]))"
        else:
            where = f"{key} IN (SELECT value FROM json_each({made.bind(json.dumps(wanted))}))"
        return await self._run(made, f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY {key}")

    async def load(self, docs: Iterable[int]) -> dict[int, Found]:
        """The posts of these documents with their versions, deletions and views."""
        wanted = sorted(docs)
        out: dict[int, Found] = {}
        for start in range(0, len(wanted), CHUNK):
            by_seq = {doc & _MASK: doc for doc in wanted[start : start + CHUNK]}
            found = await self._connection.execute(
                _WHOLE[self._postgres], bound(by_seq, postgres=self._postgres)
            )
            rows = found.mappings().all()
            revisions: dict[PostKey, list[Revision]] = defaultdict(list)
            if edited := [row["seq"] for row in rows if row["is_edited"]]:
                for row in await self._beside(Revisions, edited, Revisions.number):
                    revision = revision_record(row)
                    revisions[PostKey(revision.channel_id, revision.post_id)].append(revision)
            deletions: dict[PostKey, list[Deletion]] = defaultdict(list)
            if deleted := [row["seq"] for row in rows if row["is_deleted"]]:
                for row in await self._beside(Deletions, deleted, Deletions.first_missed_at):
                    deletions[PostKey(row["channel_id"], row["post_id"])].append(Deletion(**row))
            for row in rows:
                post, doc = post_record(row), by_seq[row["seq"]]
                views = [n for n in (post.views, row["most_views"]) if n is not None]
                out[doc] = Found(
                    doc=doc,
                    post=post,
                    current=row["current"],
                    revisions=tuple(revisions.get(post.key, ())),
                    deletions=tuple(deletions.get(post.key, ())),
                    views=max(views, default=None),
                )
        return out

    async def _beside(self, table: Any, seqs: Sequence[int], order: Any) -> Sequence[Mapping[Any, Any]]:
        """The rows that another table has of posts."""
        rows = await self._connection.execute(
            select(table.__table__)
            .join(Posts, and_(Posts.channel_id == table.channel_id, Posts.id == table.post_id))
            .where(Posts.seq.in_(seqs))
            .order_by(table.channel_id, table.post_id, order)
        )
        return rows.mappings().all()

    async def claim_values(self, column: str, reader_version: int) -> Sequence[str]:
        """Every claimant, location, kind or weapon that a claim which stands has."""
        if column == "weapons":
            each = "jsonb_array_elements_text(c.weapons)" if self._postgres else "json_each(c.weapons)"
            value, source = (
                ("item", f"claims c CROSS JOIN {each} AS item")
                if self._postgres
                else ("item.value", f"claims c, {each} AS item")
            )
        elif column in ("claimant", "location", "kind"):
            value, source = f"c.{column}", "claims c"
        else:
            raise ValueError(f"claims have no {column!r} to choose by")
        rows = await self._connection.execute(
            text(
                f"SELECT DISTINCT {value} FROM {source} WHERE c.reader_version = :v "
                f"AND c.superseded_at IS NULL AND {value} IS NOT NULL ORDER BY 1"
            ),
            {"v": reader_version},
        )
        return [row[0] for row in rows]

    async def docs(self, narrowing: Narrowing, batch: int = 2000) -> AsyncIterator[Sequence[int]]:
        """All documents, oldest first, a batch at a time, in flat memory."""
        first = narrowing.first
        while True:
            page = await self.oldest(replace(narrowing, first=first), batch)
            if page:
                yield page
            if len(page) < batch:
                return
            first = page[-1] + 1


def _of_post(table: Any) -> ColumnElement[bool]:
    return and_(table.channel_id == Posts.channel_id, table.post_id == Posts.id)


#: A post with what is to be looked for beside it: few are edited or deleted.
_POSTS = select(
    Posts.__table__,
    exists().where(_of_post(Revisions)).label("is_edited"),
    exists().where(_of_post(Deletions)).label("is_deleted"),
    select(func.max(Counters.views)).where(_of_post(Counters)).scalar_subquery().label("most_views"),
)
#: Those that are wanted; on PostgreSQL, and on SQLite.
_WHOLE = {postgres: _POSTS.where(one_of("posts.seq", postgres=postgres)) for postgres in (True, False)}


def between(first: datetime | None, last: datetime | None) -> tuple[int, int]:
    """The numbers of the documents posted within [first, last), seconds begun by `last` being whole."""
    low = FIRST if first is None else second_of(first) << SEQ_BITS
    high = LAST if last is None else (second_of(last) + bool(last.microsecond) << SEQ_BITS) - 1
    return low, high
