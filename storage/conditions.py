"""What narrows a search beside words, as conditions on a document's number. Values are always bound, never
written into the statement.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.doc_number import SEQ_BITS, second_of
from storage.match import ALL, Both, Match, Sign, certain, fts5, is_everything, lexeme, tsquery, uncertain
from storage.types import micros, storable
from storage.whens import whens_within

_MASK = (1 << SEQ_BITS) - 1
#: Posts with so many views are in an index by them (SQLite): most posts never have, and pay nothing for it.
MANY_VIEWS = 1000
FIRST, LAST = 0, (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Exactly:
    """One of these passages stands letter for letter in a version of the post; with `without` none does."""

    any_of: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The reader versions that did not look for what is asked in the posts that they read before these were
    emptied (`readings.read_by`): nobody knows whether it was there.
    """

    languages: tuple[int, ...] = ()
    topics: tuple[int, ...] = ()
    claims: tuple[int, ...] = ()
    #: All else that is asked is known of them: those that answer for certain are left out.
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Everything that a post must be to be found. An empty tuple asks for nothing."""

    match: Match = ALL
    first: int = FIRST  #: the lowest number of a document, and the highest
    last: int = LAST
    since: datetime | None = None  #: where the second of `first` is too coarse: posted then or later
    until: datetime | None = None  #: likewise of `last`: posted before
    stored_upto: int | None = None  #: the last of the archive's posts, by `posts.seq`
    exactly: tuple[Exactly, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  #: of claims
    deleted: bool | None = None
    views_at_least: int | None = None
    views_at_most: int | None = None
    reader_version: int | None = None  #: whose languages, topics and claims
    read_by: int | None = None  #: whose reading of it that version took over
    unread: Unread | None = None  #: given: what may have been said counts as said

    @property
    def listable(self) -> Sequence["Narrowing"]:
        """Its parts whose documents other tables name: by what was read, what is gone, and many views."""
        out: list[Narrowing] = []
        if self.unread is not None:
            return [Narrowing(deleted=True)] if self.deleted else out
        if self.claimants or self.places or self.weapons or self.kinds:
            claims = Narrowing(
                claimants=self.claimants,
                places=self.places,
                weapons=self.weapons,
                kinds=self.kinds,
                reader_version=self.reader_version,
            )
            out.append(claims)
        if self.topics:
            out.append(Narrowing(topics=self.topics, reader_version=self.reader_version))
        if self.languages:
            out.append(Narrowing(languages=self.languages, reader_version=self.reader_version))
        if self.views_at_least is not None and self.views_at_least >= MANY_VIEWS:
            out.append(Narrowing(views_at_least=self.views_at_least))
        if self.deleted:
            out.append(Narrowing(deleted=True))
        return out


@dataclass(slots=True)
class Conditions:
    """The same for one engine: where `words` are sought, a WHERE clause over them, what is bound in it."""

    postgres: bool
    #: Each asked for by itself, for no document has two of them. Empty: one condition, in `where`.
    apart: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    bound: dict[str, Any] = field(default_factory=dict)
    looked_up: bool = False  #: documents are looked up by their numbers, whatever the words

    @property
    def doc(self) -> str:
        return "words.doc" if self.postgres else "words.rowid"

    @property
    def source(self) -> str:
        return self.source_of("words")

    def source_of(self, table: str) -> str:
        """What stands behind FROM, if they are in this table."""
        each = (f"SELECT words.doc FROM {table} AS words WHERE {part}" for part in self.apart)
        return f"({' UNION ALL '.join(each)}) AS words" if self.apart else f"{table} AS words"

    @property
    def asked(self) -> str:
        return " AND ".join(self.where) or "1 = 1"

    def bind(self, value: Any) -> str:
        name = f"v{len(self.bound)}"
        self.bound[name] = value
        return f":{name}"

    def among(self, values: tuple[str, ...]) -> str:
        return "(" + ", ".join(self.bind(storable(value)) for value in values) + ")"

    def listed(self, column: str, values: tuple[str, ...]) -> str:
        """One of the values stands in a column that holds a list."""
        each = "jsonb_array_elements_text" if self.postgres else "json_each"
        item = "item" if self.postgres else "item.value"
        return f"EXISTS (SELECT 1 FROM {each}({column}) AS item WHERE {item} IN {self.among(values)})"

    def has(self, text: str, passage: str) -> str:
        finds = "strpos" if self.postgres else "instr"
        return f"{finds}({text}, {self.bind(storable(passage))}) > 0"


def conditions(
    narrowing: Narrowing,
    *,
    postgres: bool,
    few: Mapping[Narrowing, Sequence[int]] | None = None,
    by_signs: bool = True,
) -> Conditions:
    """`few`: the documents that answer to a part, where they are known because they are few (SQLite).
    `by_signs`: whether a time is sought by its signs in the index of words as well (PostgreSQL).
    """
    out = Conditions(postgres)
    if postgres:
        _by_gin(narrowing, out, by_signs=by_signs)
    else:
        out.where.append(f"words MATCH {out.bind(fts5(narrowing.match))}")
        _between("words.rowid", narrowing, out)
    _within_a_second(narrowing, out)
    if narrowing.stored_upto is not None:
        out.where.append(f"{_seq(out)} <= {out.bind(narrowing.stored_upto)}")
    if narrowing.read_by is not None:
        out.where.append(_reading(narrowing, out, f"r.read_by = {out.bind(narrowing.read_by)}"))
    if narrowing.unread is not None:
        _unread(narrowing, narrowing.unread, out)
    for part in narrowing.listable:
        _listable(part, out, (few or {}).get(part))
    if narrowing.deleted is False:
        out.where.append(f"{out.doc} NOT IN ({_of_part(Narrowing(deleted=True), out)})")
    _views(narrowing, out)
    for each in narrowing.exactly:
        _exactly(each, out)
    return out


def _by_gin(n: Narrowing, out: Conditions, *, by_signs: bool) -> None:
    match, doc = n.match, out.doc
    if not is_everything(match):
        if by_signs and n.first > FIRST and n.last < LAST and (signs := whens_within(n.first, n.last)):
            match = Both((match, Sign(tuple(signs))))
        # No column, so that PostgreSQL does not go through all posts of the time: of a word that is in few
        # it believes that it is in one of a hundred.
        doc = f"({doc} + 0)"
    # For a phrase the words of each post that has them are looked at. So what is found for certain, as a word
    # is that might also stand in two parts, is asked for by itself, and the rest without it. Not with OR, for
    # then PostgreSQL looks at the words of all that is on one page with one that is not certain.
    sure = certain(match)
    asked = [match] if sure in (None, match) else [sure, Both((uncertain(match),), (sure,))]
    each = [f"words.body @@ CAST(CAST({out.bind(tsquery(part))} AS text) AS tsquery)" for part in asked]
    if len(each) == 1:
        out.where += each
    else:
        out.apart = each
    _between(doc, n, out)


def _between(doc: str, n: Narrowing, out: Conditions) -> None:
    if n.first > FIRST:
        out.where.append(f"{doc} >= {out.bind(n.first)}")
    if n.last < LAST:
        out.where.append(f"{doc} <= {out.bind(n.last)}")


def _within_a_second(n: Narrowing, out: Conditions) -> None:
    """A document's number knows the second only: within that of the limit the post itself is asked."""
    for at, sign in ((n.since, ">="), (n.until, "<")):
        if at is not None:
            second, limit = second_of(at), out.bind(at if out.postgres else micros(at))
            within = (
                f"{out.doc} BETWEEN {out.bind(second << SEQ_BITS)} AND {out.bind(second << SEQ_BITS | _MASK)}"
            )
            out.where.append(
                f"(NOT ({within}) OR EXISTS (SELECT 1 FROM posts p WHERE p.seq = {_seq(out)} "
                f"AND p.posted_at {sign} {limit}))"
            )


def _unread(n: Narrowing, unread: Unread, out: Conditions) -> None:
    asked: list[tuple[str, tuple[int, ...]]] = []
    if n.languages:
        asked.append((f"coalesce(r.language, '') IN {out.among(n.languages)}", unread.languages))
    if n.topics:
        asked.append((out.listed("r.topics", n.topics), unread.topics))
    if n.claimants or n.places or n.weapons or n.kinds:
        asked.append(("(1 = 0)", unread.claims))  # no post with a claim is ever emptied
    may, open_ = [], []
    for is_so, readers in asked:
        by = f"coalesce(r.read_by, -1) IN ({', '.join(out.bind(n) for n in readers)})" if readers else "1 = 0"
        may.append(f"({is_so} OR {by})")
        open_.append(f"(NOT {is_so} AND {by})")
    if unread.alone:
        may.append(f"({' OR '.join(open_)})")
    out.where.append(_reading(n, out, " AND ".join(may)))


def _reading(n: Narrowing, out: Conditions, asked: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM documents d JOIN readings r ON r.channel_id = d.channel_id "
        f"AND r.post_id = d.post_id AND r.reader_version = {out.bind(n.reader_version)} "
        f"WHERE d.doc = {out.doc} AND {asked})"
    )


def _listable(part: Narrowing, out: Conditions, few: Sequence[int] | None) -> None:
    if few is not None:
        out.looked_up = True
        out.where.append(f"{out.doc} IN (SELECT value FROM json_each({out.bind(json.dumps(list(few)))}))")
    elif part.languages:
        out.where.append(_reading(part, out, f"r.language IN {out.among(part.languages)}"))
    elif part.views_at_least is not None:
        return  # `_views` asks each of them
    elif out.postgres:
        out.where.append(f"{out.doc} IN ({_of_part(part, out)})")
    else:
        # By IN SQLite looks every one of them up in the index of words, before it knows what comes first.
        out.where.append(f"EXISTS ({_of_part(part, out)} AND d.doc = {out.doc})")


def how_many(part: Narrowing, most: int) -> tuple[str, dict[str, Any]]:
    """For SQLite: how many rows answer to one part of `listable`, so many at most, and what is bound."""
    out = Conditions(postgres=False)
    source, asked = _rows(part, out, all_at_once=True)
    return f"SELECT count(*) FROM (SELECT 1 FROM {source} c WHERE {asked} LIMIT {out.bind(most)})", out.bound


def listed(part: Narrowing) -> tuple[str, dict[str, Any]]:
    """For SQLite: the documents that answer to it, and what is bound."""
    out = Conditions(postgres=False)
    return _of_part(part, out, all_at_once=True), out.bound


def words_there(words: Sequence[str], out: Conditions) -> str:
    """Asks which of these words any document has. PostgreSQL looks for none where none is frequent, for then
    that would cost more than it spares, and calls all of them there.
    """
    if not out.postgres:
        sought = """'"' || replace(asked.value, '"', '""') || '"'"""
        return (
            f"SELECT asked.value FROM json_each({out.bind(json.dumps(list(words)))}) AS asked "
            f"WHERE EXISTS (SELECT 1 FROM words WHERE words MATCH {sought})"
        )
    asked, lexemes = out.bind(list(words)), out.bind([lexeme(word) for word in words])
    return (
        "WITH often AS (SELECT most_common_elems::text::text[] AS words FROM pg_stats "
        "WHERE schemaname = current_schema() AND tablename = 'words' AND attname = 'body'), "
        "asked AS MATERIALIZED (SELECT word, lexeme, "
        "word = ANY(coalesce((SELECT words FROM often), '{}')) AS is_often "
        f"FROM unnest(CAST({asked} AS text[]), CAST({lexemes} AS text[])) AS a (word, lexeme)) "
        "SELECT word FROM asked WHERE is_often OR NOT (SELECT bool_or(is_often) FROM asked) "
        "OR EXISTS (SELECT 1 FROM words WHERE body @@ CAST(asked.lexeme AS tsquery) LIMIT 1)"
    )


def _of_part(n: Narrowing, out: Conditions, *, all_at_once: bool = False) -> str:
    source, asked = _rows(n, out, all_at_once=all_at_once)
    # CROSS JOIN: these first, whatever SQLite believes of how many there are.
    return (
        f"SELECT {'DISTINCT ' if all_at_once else ''}d.doc FROM {source} c "
        f"{'CROSS ' if all_at_once else ''}JOIN documents d ON d.channel_id = c.channel_id "
        f"AND d.post_id = c.post_id WHERE {asked}"
    )


def _rows(n: Narrowing, out: Conditions, *, all_at_once: bool) -> tuple[str, str]:
    """The table whose rows name the documents, and which of them do."""
    if n.deleted:
        return "deletions", "c.returned_at IS NULL"
    if n.languages:
        version = out.bind(n.reader_version)
        return "readings", f"c.reader_version = {version} AND c.language IN {out.among(n.languages)}"
    if n.views_at_least is not None:
        # Twice, for SQLite takes an index of some rows only where it is told that no others are asked for;
        # and as a stretch, or it would begin at the lower of the two.
        many = f"views BETWEEN {out.bind(n.views_at_least)} AND {LAST} AND views >= {MANY_VIEWS}"
        seen = (
            f"(SELECT channel_id, id AS post_id FROM posts WHERE {many} "
            f"UNION ALL SELECT channel_id, post_id FROM counters WHERE {many})"
        )
        return seen, "1 = 1"
    if n.topics:
        return "readings", " AND ".join(_topics(n, out, all_at_once))
    return "claims", " AND ".join(_claims(n, out))


def _topics(n: Narrowing, out: Conditions, all_at_once: bool) -> list[str]:
    version = out.bind(n.reader_version)
    asked = [f"c.reader_version = {version}"]
    if out.postgres:
        wanted = out.bind([storable(topic) for topic in n.topics])
        return [*asked, "c.topics <> CAST('[]' AS jsonb)", f"c.topics ?| CAST({wanted} AS text[])"]
    if not all_at_once:
        return [*asked, out.listed("c.topics", n.topics)]
    # Of the lists of topics that there are, few beside the posts, the index leaps from one to the next.
    least = f"SELECT min(topics) FROM readings WHERE reader_version = {version} AND topics <> '[]'"
    lists = (
        f"WITH RECURSIVE lists (topics) AS ({least} UNION ALL "
        f"SELECT ({least} AND topics > lists.topics) FROM lists WHERE lists.topics IS NOT NULL) "
        "SELECT lists.topics FROM lists WHERE lists.topics IS NOT NULL "
        f"AND {out.listed('lists.topics', n.topics)}"
    )
    return [*asked, "c.topics <> '[]'", f"c.topics IN ({lists})"]


def _claims(n: Narrowing, out: Conditions) -> list[str]:
    asked = [f"c.reader_version = {out.bind(n.reader_version)}", "c.superseded_at IS NULL"]
    for column, values in (("claimant", n.claimants), ("location", n.places), ("kind", n.kinds)):
        if values:
            asked.append(f"c.{column} IN {out.among(values)}")
    if n.weapons:
        asked.append(out.listed("c.weapons", n.weapons))
    return asked


def _views(n: Narrowing, out: Conditions) -> None:
    """By the highest count that was ever seen; of a post whose views nobody told, nothing is known."""
    asked = []
    seen = (
        f"{'greatest' if out.postgres else 'max'}(coalesce(p.views, -1), coalesce((SELECT max(k.views) "
        "FROM counters k WHERE k.channel_id = p.channel_id AND k.post_id = p.id), -1))"
    )
    if n.views_at_least is not None:
        asked.append(f"{seen} >= {out.bind(max(n.views_at_least, 0))}")
    if n.views_at_most is not None:
        asked.append(f"{seen} BETWEEN 0 AND {out.bind(n.views_at_most)}")
    if asked:
        out.where.append(
            f"EXISTS (SELECT 1 FROM posts p WHERE p.seq = {_seq(out)} AND {' AND '.join(asked)})"
        )


def _exactly(each: Exactly, out: Conditions) -> None:
    first = " OR ".join(out.has("p.text", passage) for passage in each.any_of)
    later = " OR ".join(out.has("v.text", passage) for passage in each.any_of)
    out.where.append(
        f"{'NOT ' if each.without else ''}EXISTS (SELECT 1 FROM posts p WHERE p.seq = {_seq(out)} AND "
        f"({first} "
        "OR EXISTS (SELECT 1 FROM revisions v WHERE v.channel_id = p.channel_id AND v.post_id = p.id "
        f"AND ({later}))))"
    )


def _seq(out: Conditions) -> str:
    return f"({out.doc} & {_MASK})"
