"""Scores what was read against labelled posts: precision, recall and F1 by slot."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

from claims.clusters import ReadPost, clusters
from claims.lexicon.load import load
from claims.reading import parse_row, read_post
from claims.rows import row

ATTACKS = {"responsibility", "attack_report", "casualty", "tally"}


def read_file(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each labelled post with its reading."""
    out = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        gold = json.loads(line)
        post = parse_row(number, line)
        read = read_post(load(), post.text, posted=post.posted, lang=post.lang)
        out.append((gold, row(post.id, post.text, read)))
    return out


def f1(pairs: list[tuple[dict[str, Any], dict[str, Any]]], slot: str) -> float:
    """F1 over the values in each post: of is_claim, kind, topics, or one of the attacks' slots."""
    hits = wrong = missed = 0
    for gold, read in pairs:
        a, b = _values(gold, slot), _values(read, slot)
        hits += (a & b).total()
        wrong += (b - a).total()
        missed += (a - b).total()
    return 2 * hits / max(1, 2 * hits + wrong + missed)


def _values(post: dict[str, Any], slot: str) -> Counter[Any]:
    if slot == "is_claim":
        return Counter([True] if post["is_claim"] else [])
    if slot == "topics":
        return Counter(post["topics"])
    if slot == "kind":
        return Counter(c["kind"] for c in post["claims"])
    found: Counter[Any] = Counter()
    for claim in post["claims"]:
        if claim["kind"] in ATTACKS:
            value = claim[slot]
            found.update(value if isinstance(value, list) else [value] if value is not None else [])
    return found


def pairwise(path: Path) -> tuple[float, float]:
    """Precision and recall over all pairs of posts: are the two of one act, and are they found to be?"""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    posts = []
    for number, gold in enumerate(rows, 1):
        post = parse_row(number, json.dumps(gold))
        read = read_post(load(), post.text, posted=post.posted, lang=post.lang)
        posts.append(ReadPost(id=post.id, posted_at=post.posted, text=post.text, claims=read.claims))
    found = clusters(posts, load().places)
    pairs = [
        (a["group"] is not None and a["group"] == b["group"], found[a["id"]] == found[b["id"]])
        for a, b in combinations(rows, 2)
    ]
    hits = sum(gold and joined for gold, joined in pairs)
    return hits / max(1, sum(joined for _, joined in pairs)), hits / max(1, sum(gold for gold, _ in pairs))
