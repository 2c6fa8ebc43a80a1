"""Says a template in one language. Whatever is filled in is escaped, unless it is `Html`.

The languages are gettext catalogues (`bot/locales`), read from their `.po` files at the start: so they need
no step of building, neither from a checkout nor from a wheel.
"""

import gettext
import io
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.markup import LEFT_TO_RIGHT_ISOLATE, POP_ISOLATE, Html, html, joined
from bot.texts.common import COMMA

#: The languages that are spoken, each by its own name.
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "ar": "العربية", "fa": "فارسی"}
#: The digits a reader of the language expects: of Arabic those of the Mashriq, whence most of what is watched
#: comes and where it is read.
_DIGITS: Final[Mapping[str, str]] = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹"}
#: What parts thousands, and what begins the decimals (CLDR); in English a narrow space that does not break.
_MARKS: Final[Mapping[str, tuple[str, str]]] = {"ar": ("٬", "٫"), "fa": ("٬", "٫")}
CATALOGUES: Final = Path(__file__).parent / "locales"
DOMAIN: Final = "deadair"
_RIGHT_TO_LEFT_MARK = "\u200f"
#: A command with what is said after it: names, spans, times, `topic:NAME`, and what will be filled in.
_WORD = r"(?:\{\w+\}|[@+a-zA-Z0-9_](?:[@a-zA-Z0-9_:+/-]|\.(?=\d))*)"
_COMMAND = re.compile(rf"(?<![\w/<])/[a-z]+(?: {_WORD})*")
#: Numbers that are not whole are counted as many, in every language.
_PARTS_OF_ONE = 100


class Say:
    """Says a template in one language, filled in and escaped. Numbers are written in its digits."""

    def __init__(self, language: str = "en", translations: gettext.NullTranslations | None = None) -> None:
        self.language = language
        self._translations = translations or gettext.NullTranslations()
        self._to_digits = str.maketrans("0123456789", _DIGITS.get(language, "0123456789"))

    @cached_property
    def locale(self) -> Locale:
        """What Babel knows of the language: its months, weekdays, countries, plural forms."""
        return Locale.parse(self.language)

    @property
    def runs_left(self) -> bool:
        """Is it written from right to left?"""
        return self.language in _DIGITS

    def __call__(self, template: str, **values: object) -> Html:
        """As HTML."""
        words = html(self._words(template))
        return Html(words.format(**{name: html(self._value(value)) for name, value in values.items()}))

    def bare(self, template: str, **values: object) -> str:
        """As plain text: for buttons and charts."""
        return self._words(template).format(**{name: self._value(value) for name, value in values.items()})

    def many(self, templates: tuple[str, str], n: float, shown: str | None = None, **values: object) -> Html:
        """With the right form for a number; `shown` is how it is written, where that is not as it is."""
        words = html(self._isolated(self._counted(templates, n)))
        values = {"n": self._value(int(n)) if shown is None else shown, **values}
        return Html(words.format(**{name: html(self._value(value)) for name, value in values.items()}))

    def many_bare(self, templates: tuple[str, str], n: float, shown: str | None = None) -> str:
        """The same as plain text."""
        return self._counted(templates, n).format(n=self._value(int(n)) if shown is None else shown)

    def digits(self, text: str) -> str:
        """Our own figures in the digits of the language."""
        return text.translate(self._to_digits)

    @property
    def marks(self) -> tuple[str, str]:
        """What parts thousands, and what begins the decimals."""
        return _MARKS.get(self.language, ("\u202f", "."))

    def listed(self, parts: Sequence[Html]) -> Html:
        """Names one after the other, with the comma of the language."""
        return joined(list(parts), self._words(COMMA))

    def bullet(self, line: Html) -> Html:
        """A line of a list. It runs our way also when nothing in it but names says which."""
        return Html(f"{_RIGHT_TO_LEFT_MARK if self.runs_left else ''}• ") + line

    def typed(self, words: str) -> Html:
        """What one types to us, at the beginning of a line that runs our way."""
        if not self.runs_left:
            return html(words)
        return Html(f"{_RIGHT_TO_LEFT_MARK}{LEFT_TO_RIGHT_ISOLATE}{html(words)}{POP_ISOLATE}")

    def _counted(self, templates: tuple[str, str], n: float) -> str:
        one, more = templates
        return self._translations.ngettext(one, more, int(n) if n == int(n) else _PARTS_OF_ONE)

    def _words(self, template: str) -> str:
        return self._isolated(self._translations.gettext(template))

    def _isolated(self, words: str) -> str:
        """What one types to us keeps its order within a sentence that runs the other way."""
        if not self.runs_left:
            return words
        return _COMMAND.sub(lambda found: f"{LEFT_TO_RIGHT_ISOLATE}{found[0]}{POP_ISOLATE}", words)

    def _value(self, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return self.digits(str(value))
        return value


ENGLISH: Final = Say()


@lru_cache(maxsize=32)
def say_in(language: str) -> Say:
    """The voice for a language; English where there is no catalogue of it."""
    catalogue = catalogue_of(language)
    if catalogue is None:
        return ENGLISH
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Say(language, gettext.GNUTranslations(compiled))


def catalogue_of(language: str) -> Catalog | None:
    """The catalogue of a language; None where there is none. English is what the templates say themselves."""
    path = path_of(language)
    if language not in LANGUAGES or not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


def path_of(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
