"""Loads the lexicon that ships with the program, and the files that the operator adds to it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Any

from claims.affixes import LONGEST_PREFIX
from claims.finder import Finder
from claims.gazetteer import gazetteer
from claims.lexicon import sheets
from claims.lexicon.entries import LANGUAGES, Actor, Calendar, Layer, Meaning, Place, Weapon
from claims.lexicon.errors import LexiconError
from claims.normalise import Folded, fold_text
from claims.surfaces import Pattern, patterns
from domain.errors import why

#: Sections that a file of the operator may hold.
SECTIONS = ("schema", "actor", "place", "weapon", "action", "type", "cue", "topic", "spelling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All that is known, ready to be looked for."""

    actors: Mapping[str, Actor]
    places: Mapping[str, Place]
    weapons: Mapping[str, Weapon]
    topics: tuple[str, ...]
    unions: Mapping[str, tuple[str, ...]]  #: topics that are met whenever one of others is
    calendar: Calendar
    finder: Finder[Meaning]
    surfaces: Mapping[tuple[Layer, str], tuple[tuple[str, str], ...]]  #: (language, surface) of each entry

    def knows(self, word: str) -> bool:
        """Is this folded word, clitics and endings aside, a surface of a thing or an act, or part of one?"""
        return word in self.words or any(
            hit.start <= LONGEST_PREFIX and hit.end == len(word) and hit.end - hit.start >= 4
            for hit in self.finder.find(Folded(word))
            if hit.what.layer not in (Layer.CUE, Layer.TOPIC)
        )

    words: frozenset[str]  #: the folded words of longer surfaces
    digest: str  #: of all that it holds: two of the same digest read every post alike


class _Builder:
    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.places: dict[str, Place] = {}
        self.weapons: dict[str, Weapon] = {}
        self.topics: dict[str, None] = {}
        self.unions: dict[str, tuple[str, ...]] = {}
        self.rows: list[sheets.Row] = []
        self.spellings: dict[str, list[str]] = {}

    def take(self, entries: Iterable[Actor | Place | Weapon | sheets.Row]) -> None:
        for entry in entries:
            if isinstance(entry, Actor):
                self.actors[entry.id] = entry
            elif isinstance(entry, Place):
                self.places[entry.id] = entry
            elif isinstance(entry, Weapon):
                self.weapons.setdefault(entry.id, entry)
            else:
                self.rows.append(entry)

    def topic_tables(self, file: str, tables: object) -> None:
        self.take(sheets.by_language(file, "topic", Layer.TOPIC, tables, options=("any_of",)))
        if isinstance(tables, dict):
            self.topics.update(dict.fromkeys(tables))
            self.unions.update(sheets.unions(file, tables, self.topics))

    def spelling_groups(self, file: str, groups: object) -> None:
        if not isinstance(groups, list):
            raise LexiconError(
                file, "spelling", "is no list of lists", hint='spelling = [["غراد", "كراد"], …]'
            )
        for n, group in enumerate(groups, 1):
            folded = [fold_text(w) for w in sheets.words(file, f"spelling {n}", "group", group)]
            for word in folded:
                self.spellings.setdefault(word, []).extend(w for w in folded if w != word)

    def finder(self) -> Finder[Meaning]:
        return Finder(
            (pattern, meaning)
            for meaning, surface in self.rows
            for pattern in self._patterns(meaning, surface)
        )

    def digest(self, calendar: Calendar) -> str:
        """Of what the files say, not of how they are laid out: a comment changes nothing."""
        held = [
            [
                astuple(entry)
                for table in (self.actors, self.places, self.weapons)
                for entry in table.values()
            ],
            [(m.layer.value, *m[1:], surface) for m, surface in self.rows],
            [*self.topics],
            sorted(self.unions.items()),
            sorted(self.spellings.items()),
            astuple(calendar),
            sorted(gazetteer().items()),
        ]
        written = json.dumps(held, ensure_ascii=False, sort_keys=True)
        return blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _patterns(self, meaning: Meaning, surface: str) -> Iterable[Pattern]:
        name = meaning.layer in (Layer.ACTOR, Layer.PLACE)
        return patterns(surface, lang=meaning.lang, swaps=self.spellings, name=name)


def load(extra: Sequence[Path] = ()) -> Lexicon:
    """The shipped lexicon, with the operator's files laid over it.

    Raises LexiconError, which names the file, the entry and what is wrong with it.
    """
    return _shipped() if not extra else _build(extra)


@cache
def _shipped() -> Lexicon:
    return _build(())


def _build(extra: Sequence[Path]) -> Lexicon:
    builder = _Builder()
    home = files("claims.lexicon")

    def shipped(name: str) -> dict[str, Any]:
        tables = sheets.parse(name, home.joinpath(name).read_text(encoding="utf-8"))
        tables.pop("schema", None)
        return tables

    builder.spelling_groups("spellings.toml", shipped("spellings.toml")["spelling"])
    builder.take(sheets.actors("actors.toml", shipped("actors.toml")["actor"], {}))
    builder.take(sheets.places("places.csv", home.joinpath("places.csv").read_text(encoding="utf-8")))
    builder.take(sheets.weapons("weapons.toml", shipped("weapons.toml")["weapon"]))
    builder.take(sheets.actions("actions.toml", shipped("actions.toml")["action"]))
    builder.take(sheets.by_language("targets.toml", "type", Layer.TARGET, shipped("targets.toml")["type"]))
    builder.take(
        sheets.by_language("cues.toml", "cue", Layer.CUE, shipped("cues.toml"), options=("effect", "scope"))
    )
    builder.topic_tables("topics.toml", shipped("topics.toml"))
    for path in extra:
        _take_file(builder, path)
    calendar = _calendar(shipped("dates.toml"), shipped("numerals.toml"))
    surfaces: dict[tuple[Layer, str], list[tuple[str, str]]] = {}
    for meaning, surface in builder.rows:
        surfaces.setdefault((meaning.layer, meaning.id), []).append((meaning.lang, surface))
    return Lexicon(
        actors=builder.actors,
        places=builder.places,
        weapons=builder.weapons,
        topics=tuple(builder.topics),
        unions=builder.unions,
        calendar=calendar,
        finder=builder.finder(),
        surfaces={key: tuple(value) for key, value in surfaces.items()},
        words=frozenset(_parts(builder.rows)),
        digest=builder.digest(calendar),
    )


def _parts(rows: Iterable[sheets.Row]) -> Iterable[str]:
    for meaning, surface in rows:
        if " " in surface and meaning.layer not in (Layer.CUE, Layer.TOPIC):
            yield from (word for word in fold_text(surface).split(" ") if len(word) >= 4)


def _take_file(builder: _Builder, path: Path) -> None:
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise LexiconError(
            name,
            "",
            f"cannot be read: {why(e)}",
            hint="Check the path in [claims] lexicon, and that it is UTF-8.",
        ) from e
    tables = sheets.parse(name, text)
    for key in tables:
        if key not in SECTIONS:
            raise LexiconError(
                name, key, "is no section of a lexicon", hint=f"Sections are: {', '.join(SECTIONS)}."
            )
    builder.spelling_groups(name, tables.get("spelling", []))
    builder.take(sheets.actors(name, tables.get("actor", []), builder.actors))
    builder.take(sheets.place_tables(name, tables.get("place", [])))
    builder.take(sheets.weapons(name, tables.get("weapon", [])))
    builder.take(sheets.actions(name, tables.get("action", [])))
    builder.take(sheets.by_language(name, "type", Layer.TARGET, tables.get("type", {})))
    builder.take(sheets.by_language(name, "cue", Layer.CUE, tables.get("cue", {})))
    builder.topic_tables(name, tables.get("topic", {}))


def _calendar(dates: dict[str, Any], numerals: dict[str, Any]) -> Calendar:
    def folded(table: Mapping[str, int]) -> dict[str, int]:
        return {fold_text(word): n for word, n in table.items()}

    months: dict[str, dict[str, int]] = {}
    for key, table in dates["month_greg"].items():
        months.setdefault(key.partition("_")[0], {}).update(folded(table))
    hijri: dict[str, int] = {}
    for table in dates["month_hijri"].values():
        if isinstance(table, dict):
            hijri.update(folded(table))
    return Calendar(
        weekdays={lang: folded(dates["weekday"].get(lang, {})) for lang in LANGUAGES},
        months=months,
        solar=folded(dates["month_solar_fa"]["fa"]),
        hijri=hijri,
        relative={lang: folded(dates["relative"].get(lang, {})) for lang in LANGUAGES},
        numbers={lang: folded(numerals["words"].get(lang, {})) for lang in LANGUAGES},
    )
