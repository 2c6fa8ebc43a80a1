"""Reads the files of the lexicon, checks every entry, and says where one is wrong."""

import csv
from collections.abc import Container, Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

from claims.lexicon.entries import LANGUAGES, Actor, Layer, Meaning, Place, Weapon
from claims.lexicon.errors import LexiconError
from claims.normalise import fold_text
from domain.toml import BadToml, read_toml

SIDES = ("axis", "adversary", "neutral", "jihadi")
PLACE_KINDS = (
    "base", "airport", "diplomatic", "district", "energy", "town", "crossing", "city", "country", "camp",
    "region", "port", "site", "outpost", "sea",
)  # fmt: skip
PLACE_COLUMNS = ("id", "kind", "country", "lat", "lon", *LANGUAGES, "ambiguous")
ACTION_FORMS = {
    "past": "past", "past_3": "past", "pres_3": "past", "passive": "passive", "destroy": "past",
    "weak": "weak", "1p": "first", "past_1p": "first", "noun": "noun", "event": "event", "more": "past",
    "": "past",
}  # fmt: skip

Row = tuple[Meaning, str]  #: what a surface means, and the surface as it is written in the file


def parse(name: str, text: str) -> dict[str, Any]:
    """A TOML file of the lexicon. Raises LexiconError with the line when it is no TOML."""
    try:
        return read_toml(text)
    except BadToml as e:
        raise LexiconError(name, "", f"is not valid TOML: {e}", hint="Correct the line that is named.") from e


def words(file: str, entry: str, key: str, value: object) -> list[str]:
    """A list of surfaces, each of which folds to something."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise LexiconError(file, entry, f"{key} is no list of strings", hint=f'Write {key} = ["…", "…"].')
    for n, word in enumerate(value, 1):
        if not any(c.isalnum() for c in fold_text(word)):
            raise LexiconError(
                file, entry, f"{key}: word {n}, {word!r}, is empty once normalised", hint="Remove it."
            )
    return list(dict.fromkeys(value))


def _need(file: str, entry: str, table: Mapping[str, Any], key: str, allowed: Iterable[str]) -> str:
    value = table.get(key)
    options = list(allowed)
    if not isinstance(value, str) or value not in options:
        raise LexiconError(
            file, entry, f"{key} is {value!r}", hint=f"{key} must be one of: {', '.join(options)}."
        )
    return value


def _id(file: str, kind: str, n: int, table: object) -> tuple[str, dict[str, Any]]:
    if not isinstance(table, dict):
        raise LexiconError(file, f"{kind} {n}", "is no table", hint=f"Write [[{kind}]] above its keys.")
    found = table.get("id")
    if not isinstance(found, str) or not found.replace("_", "").isalnum() or not found.isascii():
        raise LexiconError(
            file, f"{kind} {n}", f"id is {found!r}", hint="An id is ASCII letters, digits and _."
        )
    return found, table


def _unknown_keys(file: str, entry: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in table:
        if key not in known:
            raise LexiconError(
                file, entry, f"unknown key {key!r}", hint=f"Known are: {', '.join(sorted(known))}."
            )


_NOTES = ("note", "trap", "def", "needs", "regex", "ar_prefix_rule")


def actors(file: str, tables: object, known: Mapping[str, Actor]) -> Iterator[Actor | Row]:
    for n, table in enumerate(_tables(file, "actor", tables), 1):
        id_, table = _id(file, "actor", n, table)
        entry = f"actor {id_!r}"
        _unknown_keys(
            file, entry, table, ("id", "side", "type", "ambiguous", "adjective", *LANGUAGES, *_NOTES)
        )
        old = known.get(id_)
        if old is None or "side" in table:
            yield Actor(
                id=id_, side=_need(file, entry, table, "side", SIDES), type=str(table.get("type", "militia"))
            )
        doubtful = {fold_text(w) for w in words(file, entry, "ambiguous", table.get("ambiguous", []))}
        for lang in LANGUAGES:
            for word in words(file, entry, lang, table.get(lang, [])):
                yield Meaning(Layer.ACTOR, id_, lang, "", fold_text(word) in doubtful), word
        adjectives = table.get("adjective", {})
        if not isinstance(adjectives, dict):
            raise LexiconError(file, entry, "adjective is no table", hint="Write [actor.adjective].")
        _unknown_keys(file, entry + ", adjective", adjectives, LANGUAGES)
        for lang, value in adjectives.items():
            for word in words(file, entry + ", adjective", lang, value):
                yield Meaning(Layer.ADJECTIVE, id_, lang), word


def weapons(file: str, tables: object) -> Iterator[Weapon | Row]:
    for n, table in enumerate(_tables(file, "weapon", tables), 1):
        id_, table = _id(file, "weapon", n, table)
        entry = f"weapon {id_!r}"
        _unknown_keys(file, entry, table, ("id", "parent", "models", *LANGUAGES, *_NOTES))
        yield Weapon(id=id_, parent=str(table.get("parent", "any")))
        for lang in LANGUAGES:
            for word in words(file, entry, lang, table.get(lang, [])):
                yield Meaning(Layer.WEAPON, id_, lang), word
        for word in words(file, entry, "models", table.get("models", [])):
            yield Meaning(Layer.MODEL, id_, "*"), word


def actions(file: str, tables: object) -> Iterator[Row]:
    for n, table in enumerate(_tables(file, "action", tables), 1):
        kind = table.get("class") if isinstance(table, dict) else None
        if not isinstance(kind, str) or not kind:
            raise LexiconError(file, f"action {n}", f"class is {kind!r}", hint='Write class = "strike".')
        entry = f"action {kind!r}"
        for key, value in table.items():
            if key in ("class", *_NOTES):
                continue
            lang, _, form = key.partition("_")
            if lang not in LANGUAGES or form not in ACTION_FORMS:
                raise LexiconError(
                    file,
                    entry,
                    f"unknown key {key!r}",
                    hint=f"A key is a language and a form, as ar_noun; forms: {', '.join(ACTION_FORMS)}.",
                )
            for word in words(file, entry, key, value):
                yield Meaning(Layer.ACTION, kind, lang, ACTION_FORMS[form]), word
                if key == "ar_pres_3":
                    # The future is the present behind س: what will be done is no claim but a threat.
                    for future in ("س" + word, "سن" + word[1:]):
                        yield Meaning(Layer.CUE, "future", lang), future


def by_language(
    file: str, kind: str, layer: Layer, tables: object, *, options: Iterable[str] = ()
) -> Iterator[Row]:
    """Sections of word lists by language: targets, cues, topics."""
    if not isinstance(tables, dict):
        raise LexiconError(file, kind, "is no table", hint=f"Write [{kind}.NAME] above its lists.")
    for name, table in tables.items():
        entry = f"{kind} {name!r}"
        if not isinstance(table, dict):
            raise LexiconError(file, entry, "is no table", hint=f"Write [{name}] above its lists.")
        _unknown_keys(file, entry, table, (*LANGUAGES, *_NOTES, *options))
        for lang in LANGUAGES:
            for word in words(file, entry, lang, table.get(lang, [])):
                yield Meaning(layer, name, lang), word


def unions(
    file: str, tables: Mapping[str, Any], topics: Container[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Topics that are met whenever one of others is, with those others."""
    for name, table in tables.items():
        if "any_of" not in table:
            continue
        entry, members = f"topic {name!r}", words(file, f"topic {name!r}", "any_of", table["any_of"])
        for member in members:
            if member not in topics or "any_of" in tables.get(member, {}):
                raise LexiconError(
                    file,
                    entry,
                    f"any_of: {member!r} is no topic with words or records of its own",
                    hint="Name topics that stand in this file or in the shipped topics.toml.",
                )
        yield name, tuple(members)


def places(file: str, text: str) -> Iterator[Place | Row]:
    """A CSV of places; surfaces of one language are parted by |."""
    reader = csv.DictReader(StringIO(text))
    missing = [c for c in PLACE_COLUMNS if c not in (reader.fieldnames or ())]
    if missing:
        raise LexiconError(
            file, "head", f"lacks the columns {', '.join(missing)}", hint="Copy the head of places.csv."
        )
    seen: set[str] = set()
    for n, row in enumerate(reader, 2):
        if None in row or None in row.values():
            raise LexiconError(
                file, f"line {n}", "has not as many fields as the head", hint="Check its commas."
            )
        id_, _ = _id(file, "line", n, row)
        entry = f"line {n}, place {id_!r}"
        if id_ in seen:
            raise LexiconError(file, entry, "is there twice", hint="Join the two lines.")
        seen.add(id_)
        yield from _place(file, entry, id_, row)


def place_tables(file: str, tables: object) -> Iterator[Place | Row]:
    """Places as [[place]] of a TOML file."""
    for n, table in enumerate(_tables(file, "place", tables), 1):
        id_, table = _id(file, "place", n, table)
        entry = f"place {id_!r}"
        _unknown_keys(file, entry, table, (*PLACE_COLUMNS, *_NOTES))
        lists = {
            k: "|".join(words(file, entry, k, table[k])) for k in (*LANGUAGES, "ambiguous") if k in table
        }
        yield from _place(file, entry, id_, {**table, **lists})


def _place(file: str, entry: str, id_: str, row: Mapping[str, Any]) -> Iterator[Place | Row]:
    country = row.get("country") or ""
    if not (isinstance(country, str) and len(country) == 2 and country.isascii() and country.isupper()):
        raise LexiconError(
            file, entry, f"country is {country!r}", hint="Two capital letters of ISO 3166-1; ZZ at sea."
        )
    kind = _need(file, entry, row, "kind", PLACE_KINDS)
    at: list[float | None] = []
    for key, limit in (("lat", 90), ("lon", 180)):
        value = row.get(key)
        try:
            number = float(value) if value not in (None, "") else None
        except (TypeError, ValueError):
            number = float("inf")
        if number is not None and not abs(number) <= limit:
            raise LexiconError(file, entry, f"{key} is {value!r}", hint=f"Degrees from -{limit} to {limit}.")
        at.append(number)
    yield Place(id=id_, kind=kind, country=country, lat=at[0], lon=at[1])
    doubtful = {fold_text(w) for w in (row.get("ambiguous") or "").split("|") if w}
    for lang in LANGUAGES:
        surfaces = [w for w in (row.get(lang) or "").split("|") if w]
        for word in words(file, entry, lang, surfaces):
            yield Meaning(Layer.PLACE, id_, lang, "", fold_text(word) in doubtful), word


def _tables(file: str, kind: str, tables: object) -> list[Any]:
    if not isinstance(tables, list):
        raise LexiconError(file, kind, "is no list of tables", hint=f"Write [[{kind}]] above each entry.")
    return tables
