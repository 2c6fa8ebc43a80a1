"""Places that are only names to us: enough to see that a place is meant, and in which country it lies."""

import csv
from functools import cache
from importlib.resources import files

from claims.normalise import fold_text


@cache
def gazetteer() -> dict[str, tuple[str, ...]]:
    """Folded name -> the countries in which a place is called so."""
    out: dict[str, tuple[str, ...]] = {}
    text = files("claims.lexicon").joinpath("gazetteer.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    for row in rows:
        for name in row["names"].split("|"):
            key = fold_text(name).strip()
            known = out.get(key, ())
            if row["country"] not in known:
                out[key] = (*known, row["country"])
    return out
