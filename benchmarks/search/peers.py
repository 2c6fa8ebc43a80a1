"""The same posts in what else one would take: LIKE, FTS5 as it comes, tantivy: how quick, what they find."""

import asyncio
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from archive.indexer import Indexer
from archive.query import Paging, Query
from archive.search import search
from benchmarks.search.asked import kinds
from benchmarks.search.generate import SOUGHT, START, Writer, spellings
from domain.clock import WallClock
from domain.post import How, Post
from storage.config import StorageConfig
from storage.store import open_store

Search = Callable[[str], Sequence[int]]


def like(file: Path, rows: Iterable[tuple[int, str]]) -> Search:
    """SQLite's LIKE, which like PostgreSQL's ILIKE looks at every text; case is folded for ASCII alone."""
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE posts (id INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO posts VALUES (?, ?)", rows)
    connection.commit()

    def find(text: str) -> Sequence[int]:
        parts = [text.strip('"')] if text.startswith('"') else text.split()
        where = " AND ".join(["text LIKE ?"] * len(parts))
        sql = f"SELECT id FROM posts WHERE {where} ORDER BY id DESC LIMIT 50"
        return [row[0] for row in connection.execute(sql, [f"%{part}%" for part in parts])]

    return find


def fts5(file: Path, rows: Iterable[tuple[int, str]]) -> Search:
    """FTS5 with the tokenizer it comes with, on the text as it is."""
    connection = sqlite3.connect(file)
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='')")
    connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", rows)
    connection.commit()

    def find(text: str) -> Sequence[int]:
        parts = [text.strip('"')] if text.startswith('"') else text.split()
        match = " AND ".join(f'"{part}"' for part in parts)
        sql = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 50"
        return [row[0] for row in connection.execute(sql, [match])]

    return find


def tantivy(folder: Path, rows: Iterable[tuple[int, str]]) -> Search:
    """tantivy with its default tokenizer, by time as ours."""
    import tantivy as t

    folder.mkdir()
    made = t.SchemaBuilder()
    made.add_integer_field("id", stored=True, fast=True, indexed=True)
    made.add_text_field("text", stored=False)
    index = t.Index(made.build(), path=str(folder))
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for number, text in rows:
        writer.add_document(t.Document(id=number, text=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def find(text: str) -> Sequence[int]:
        query = index.parse_query(text, ["text"], conjunction_by_default=True)
        hits = searcher.search(query, limit=50, order_by_field="id").hits
        return [searcher.doc(address)["id"][0] for _, address in hits]

    return find


PEERS: dict[str, Callable[[Path, Iterable[tuple[int, str]]], Search]] = {
    "LIKE": like,
    "FTS5 as it comes": fts5,
    "tantivy": tantivy,
}


def _size(path: Path) -> int:
    return sum(p.stat().st_size for p in path.rglob("*")) if path.is_dir() else path.stat().st_size


def beside(folder: Path, posts: int, each: int) -> None:
    queries = kinds(each)
    print("| | build s | size MB | " + " | ".join(f"{k.name}" for k in queries[:5]) + " |")
    print("| --- | ---: | ---: |" + " ---: |" * 5)
    for name, make in PEERS.items():
        path = folder / f"peer-{name.split()[0].lower()}"
        began = time.perf_counter()
        find = make(path, ((n, text) for n, (_, _, text) in enumerate(Writer(posts), 1)))
        built = time.perf_counter() - began
        cells = []
        for kind in queries[:5]:
            took = []
            for query in kind.queries:
                began = time.perf_counter()
                find(query.text)
                took.append(1000 * (time.perf_counter() - began))
            cells.append(f"{statistics.median(took):.1f} / {statistics.quantiles(took, n=20)[18]:.1f}")
        print(f"| {name} | {built:.0f} | {_size(path) / 1e6:.0f} | {' | '.join(cells)} |", flush=True)
    print("(build with writing the posts; p50 / p95 ms, numbers of posts alone)")


def recall(folder: Path) -> None:
    """Of posts that say a word in one of its spellings, how many are found by the word as it is typed."""
    rng = random.Random(3)
    rows: list[tuple[int, str]] = []
    saying: dict[str, set[int]] = {}
    for word in SOUGHT:
        for form in spellings(word, rng):
            rows.append((len(rows) + 1, f"خبر {form} هنا"))
            saying.setdefault(word, set()).add(len(rows))
    found: dict[str, Search] = {name: make(folder / f"r-{name[:4]}", rows) for name, make in PEERS.items()}
    ours = asyncio.run(_ours(folder, rows))
    print("| | found of all spellings | found of what was not sought |\n| --- | ---: | ---: |")
    for name, find in [("deadair", lambda word: ours[word]), *found.items()]:
        right = wrong = 0
        for word, numbers in saying.items():
            hits = set(find(word))
            right += len(hits & numbers)
            wrong += len(hits - numbers)
        print(f"| {name} | {right} of {len(rows)}: {100 * right / len(rows):.0f} % | {wrong} |")


async def _ours(folder: Path, rows: Sequence[tuple[int, str]]) -> dict[str, list[int]]:
    made: Any = [
        Post(channel_id=1, id=n, posted_at=START, seen_at=START, how=How.LIVE, text=text) for n, text in rows
    ]
    async with open_store(StorageConfig(url=f"sqlite:///{folder / 'recall.db'}")) as store:
        async with store.begin() as tx:
            await tx.posts.put(made)
        await Indexer(store, WallClock()).catch_up()
        out = {}
        for word in SOUGHT:
            async with store.read() as tx:
                page = await search(tx, Query(text=word), Paging(limit=200, fold_copies=False))
            out[word] = [hit.post.id for hit in page.hits]
        return out
