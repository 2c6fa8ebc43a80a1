"""The catalogues of the pages: what there is to translate.

`python -m archive.pages.catalogues` brings the `.po` files up to date with it. What the bot says as well
(evidence, refusals, why words find nothing) is translated once, for the bot (`python -m bot.catalogues`),
and taken over from its catalogue.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import archive.complaint
import domain.complaint
from alerts import evidence, refusals
from archive import plots
from archive.pages import labels, voice
from archive.pages.routes import shown
from archive.pages.voice import DOMAIN, LANGUAGES, catalogue_of, path_of
from archive.web.looks import HEADINGS

Template: TypeAlias = str | tuple[str, str]  #: one, or one for a single thing and one for many
#: What routes say themselves.
_IN_ROUTES: Final = (
    "Posts by the hour over the last day",
    "Posts by the hour beside what was to be expected",
    "Posts by the day over the last 30 days",
    "Usual posts an hour by weekday and hour of the day",
    "Acts by the week",
    "Map of the places",
)
#: Where sentences are filled that may be said in any language.
_SENTENCES: Final = {
    "evidence": evidence,
    "refusals": refusals,
    "complaint": domain.complaint,
    "archive.complaint": archive.complaint,
}
_OF_THE_BOT: Final = frozenset({"evidence", "refusals", "complaint"})
_HEAD: Final[dict[str, Any]] = {
    "project": "Deadair",
    "version": "1",
    "msgid_bugs_address": "docs/pages.md",
    "last_translator": "Deadair",
    "language_team": "Deadair",
    "creation_date": datetime(2026, 11, 28, tzinfo=UTC),
    "revision_date": datetime(2026, 11, 28, tzinfo=UTC),
}
_HEADER: Final = (
    "# What Deadair's pages say. `python -m archive.pages.catalogues` brings this file up to date.\n"
    "# Which words stand for what: docs/languages.md."
)


def templates() -> dict[Template, tuple[str, ...]]:
    """Every template that can be said, with where it is said."""
    found: dict[Template, list[str]] = {}
    for name, template in (*_in_templates(), *_in_code()):
        where = found.setdefault(template, [])
        if name not in where:
            where.append(name)
    # A plural covers the same words alone.
    alone = {each[0] for each in found if isinstance(each, tuple)}
    return {template: tuple(where) for template, where in found.items() if template not in alone}


def _in_templates() -> Iterator[tuple[str, Template]]:
    folder = files("archive.pages").joinpath("templates")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        source = io.BytesIO(file.read_bytes())
        options = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
        for _, _, message, _ in babel_extract(source, ("_", "ngettext"), (), options):
            if isinstance(message, str):
                yield file.name, message
            elif message is not None and message[0] is not None:
                one, more = message[0], message[1]
                yield file.name, (one, more) if more is not None else one


def _in_code() -> Iterator[tuple[str, Template]]:
    for table in labels.ALL:
        for word in table.values():
            yield "labels", word
    for _, unit in voice.UNITS:
        yield "voice", unit
    for word in (*voice.WEEKDAYS, voice.COMMA):
        yield "voice", word
    for word in HEADINGS:
        yield "looks", word
    for word in (*shown.HEADINGS, *_IN_ROUTES):
        yield "routes", word
    for word in plots.WORDS:
        yield "plots", word
    for where, module in _SENTENCES.items():
        for name, value in vars(module).items():
            if name.isupper():
                for word in value.values() if isinstance(value, dict) else [value]:
                    if isinstance(word, str):
                        yield where, word


def renewed(language: str) -> Catalog:
    """The catalogue of a language with every template of today and no other; what was translated stays."""
    fresh = Catalog(
        locale=language, domain=DOMAIN, header_comment=_HEADER, charset="utf-8", fuzzy=False, **_HEAD
    )
    known, bots = catalogue_of(language) or Catalog(locale=language), _of_the_bot(language)
    for template, where in sorted(templates().items(), key=lambda item: (item[1], str(item[0]))):
        key = template if isinstance(template, str) else template[0]
        before = (bots.get(key) if _OF_THE_BOT.issuperset(where) else None) or known.get(key)
        empty = "" if isinstance(template, str) else ("",) * fresh.num_plurals
        fits = before is not None and isinstance(before.string, str) == isinstance(template, str)
        flags = ("python-format",) if "%(" in template[0] or "%(" in str(template) else ()
        fresh.add(
            template,
            before.string if before is not None and fits else empty,
            auto_comments=where,
            flags=flags,
        )
    return fresh


def _of_the_bot(language: str) -> Catalog:
    """The bot's catalogue, as a file beside ours: the rooms do not know each other."""
    path = Path(__file__).parents[2] / "bot" / "locales" / language / "LC_MESSAGES" / "deadair.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def missing(catalogue: Catalog) -> list[str]:
    """What is not translated yet."""
    return [
        str(message.id)
        for message in catalogue
        if message.id
        and not (all(message.string) if isinstance(message.string, tuple | list) else message.string)
    ]


def main() -> None:
    """Renew all catalogues."""
    for language in LANGUAGES:
        if language == "en":
            continue
        catalogue, file = renewed(language), io.BytesIO()
        write_po(file, catalogue, width=100, sort_output=False)
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.getvalue())
        print(f"{path}: {len(catalogue)} messages, {len(missing(catalogue))} to be translated")


if __name__ == "__main__":
    main()
