"""The catalogues of the languages: what there is to translate.

`python -m bot.catalogues` brings the `.po` files up to date with it.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Final, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import bot.texts
from alerts import evidence
from bot.say import DOMAIN, LANGUAGES, catalogue_of, path_of

Template: TypeAlias = str | tuple[str, str]  #: one, or one for a single thing and one for many
_HEADER: Final = "# What Deadair's bot says. Written by `python -m bot.catalogues`; translations are kept."


def templates() -> dict[Template, tuple[str, ...]]:
    """Every template that can be said, with the names it goes by: those of the bot, and those of evidence."""
    found: dict[Template, list[str]] = {}
    names = [f"bot.texts.{module.name}" for module in pkgutil.iter_modules(bot.texts.__path__)]
    for module in (*(importlib.import_module(name) for name in sorted(names)), evidence):
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
    fresh = Catalog(locale=language, domain=DOMAIN, project="Deadair", charset="utf-8")
    known = catalogue_of(language) or Catalog(locale=language)
    for template, where in sorted(templates().items(), key=lambda item: item[1]):
        before = known.get(template if isinstance(template, str) else template[0])
        empty = "" if isinstance(template, str) else ("",) * fresh.num_plurals
        fresh.add(template, before.string if before is not None else empty, auto_comments=where)
    fresh.header_comment = _HEADER
    fresh.revision_date = fresh.creation_date = known.creation_date  # else every run would differ
    return fresh


def main() -> None:
    """Renew all catalogues."""
    for language in LANGUAGES:
        if language == "en":
            continue
        catalogue = renewed(language)
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, sort_output=False)
        missing = [
            m.id
            for m in catalogue
            if m.id and not (m.string if isinstance(m.string, str) else all(m.string or ("",)))
        ]
        print(f"{path}: {len(catalogue)} messages, {len(missing)} to be translated")


if __name__ == "__main__":
    main()
