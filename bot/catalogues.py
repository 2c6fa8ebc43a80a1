"""The catalogues of the languages: what there is to translate.

`python -m bot.catalogues` brings the `.po` files up to date with it.
"""

import importlib
import io
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, Final, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import bot.texts
from alerts import evidence, refusals
from bot.say import DOMAIN, LANGUAGES, catalogue_of, path_of
from domain import complaint

Template: TypeAlias = str | tuple[str, str]  #: one, or one for a single thing and one for many
_HEADER: Final = (
    "# What Deadair's bot says. `python -m bot.catalogues` brings this file up to date.\n"
    "# Which words stand for what: docs/languages.md."
)
#: Where what is found out is said as sentences: evidence, refusals, and why words find nothing.
_ELSEWHERE: Final = (evidence, refusals, complaint)
#: What does not change from run to run, so that a renewed file differs only where its sentences do.
_HEAD: Final[dict[str, Any]] = {
    "project": "Deadair",
    "version": "1",
    "msgid_bugs_address": "docs/languages.md",
    "last_translator": "Deadair",
    "language_team": "Deadair",
    "creation_date": datetime(2026, 11, 28, tzinfo=UTC),
    "revision_date": datetime(2026, 11, 28, tzinfo=UTC),
}


def templates() -> dict[Template, tuple[str, ...]]:
    """Every template that can be said, with the names it goes by: those of the bot, and those of what is
    found out elsewhere.
    """
    found: dict[Template, list[str]] = {}
    names = [f"bot.texts.{module.name}" for module in pkgutil.iter_modules(bot.texts.__path__)]
    for module in (*(importlib.import_module(name) for name in sorted(names)), *_ELSEWHERE):
        for name, template in _of(module):
            found.setdefault(template, []).append(f"{module.__name__}.{name}")
    return {template: tuple(where) for template, where in found.items()}


def _of(module: ModuleType) -> Iterator[tuple[str, Template]]:
    for name, value in vars(module).items():
        if name.isupper():
            for template in _within(value):
                yield name, template


def _within(value: object) -> Iterator[Template]:
    match value:
        case str():
            yield value
        case (str() as one, str() as more):
            yield one, more
        case dict():
            for each in value.values():
                yield from _within(each)
        case tuple() | list():
            for each in value:
                yield from _within(each)


def renewed(language: str) -> Catalog:
    """The catalogue of a language with every template of today and no other; what was translated stays."""
    fresh = Catalog(
        locale=language, domain=DOMAIN, header_comment=_HEADER, charset="utf-8", fuzzy=False, **_HEAD
    )
    known = catalogue_of(language) or Catalog(locale=language)
    for template, where in sorted(templates().items(), key=lambda item: item[1]):
        before = known.get(template if isinstance(template, str) else template[0])
        empty = "" if isinstance(template, str) else ("",) * fresh.num_plurals
        fresh.add(template, before.string if before is not None else empty, auto_comments=where)
    return fresh


def written(language: str) -> bytes:
    """The file of a catalogue, brought up to date."""
    file = io.BytesIO()
    write_po(file, renewed(language), width=100, sort_output=False)
    return file.getvalue()


def _is_said(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def main() -> None:
    """Renew all catalogues."""
    for language in LANGUAGES:
        if language == "en":
            continue
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(language))
        catalogue = renewed(language)
        missing = [m.id for m in catalogue if m.id and not _is_said(m.string)]
        print(f"{path}: {len(catalogue)} messages, {len(missing)} to be translated")


if __name__ == "__main__":
    main()
