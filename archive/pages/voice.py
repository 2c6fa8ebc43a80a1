"""What the pages say, in one language: words of its catalogue, numbers, instants and spans as it has them.

Catalogues are gettext's (`archive/pages/locales`), read from their `.po` files at the start.
"""

import gettext
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.sentence import Country, Sentence

#: The languages of the pages, each by its own name.
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "ar": "العربية", "fa": "فارسی"}
CATALOGUES: Final = Path(__file__).parent / "locales"
DOMAIN: Final = "pages"
_DIGITS: Final[Mapping[str, str]] = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹"}
_MARKS: Final[Mapping[str, tuple[str, str]]] = {"ar": ("٬", "٫"), "fa": ("٬", "٫")}
_ISOLATE, _LEFT_TO_RIGHT, _POP = "\u2068", "\u2066", "\u2069"
#: Spans by their two largest units; gettext knows these as they stand.
UNITS: Final = ((86400, "{n} d"), (3600, "{n} h"), (60, "{n} min"), (1, "{n} s"))
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COMMA: Final = ", "


class Voice:
    """Says things in one language."""

    def __init__(self, language: str = "en", translations: gettext.NullTranslations | None = None) -> None:
        self.language = language
        self.translations = translations or gettext.NullTranslations()
        self._to_digits = str.maketrans("0123456789", _DIGITS.get(language, "0123456789"))

    @property
    def direction(self) -> str:
        return "rtl" if self.language in _DIGITS else "ltr"

    def word(self, template: str) -> str:
        return self.translations.gettext(template) if template else ""

    def country(self, code: str) -> str:
        """By its name, where the language has one for it."""
        return str(Locale.parse(self.language).territories.get(code.upper(), code))

    def digits(self, text: str) -> str:
        """Our own figures in the digits of the language."""
        return text.translate(self._to_digits)

    def number(self, n: float | None) -> str:
        """With thousands apart; below ten as exact as it is known: 0.4, 3.2, 28. None: unknown."""
        if n is None:
            return "–"
        shown = f"{n:,.0f}" if isinstance(n, int) or abs(n) >= 10 else f"{n:.1f}".removesuffix(".0")
        thousands, decimals = _MARKS.get(self.language, ("\u202f", "."))
        return self.digits(shown.replace(",", "\0").replace(".", decimals).replace("\0", thousands))

    def alarms(self, n: float) -> str:
        """Of false alarms a month, as people set them: 0.05, 0.25, 3, 12. Half of one is another."""
        shown = f"{float(f'{n:.2g}'):f}".rstrip("0").rstrip(".")
        return self.digits(shown.replace(".", _MARKS.get(self.language, ("", "."))[1]))

    def share(self, part: float) -> str:
        """0.984 as 98%: never 100% where anything is missing, never 0% where there is something."""
        percent = 100 * part
        whole = 100 if part >= 1 else min(99, int(percent))
        sign = "%" if self.direction == "ltr" else "٪"
        return ("<" + self.digits("1") if 0 < percent < 1 else self.digits(str(whole))) + sign

    def odds(self, probability: float) -> str:
        """The N of once in N, to two digits: no more of a chance is known."""
        n = 1 / max(probability, 1e-6)
        digits = max(0, len(str(int(n))) - 2)
        return self.number(int(round(n, -digits)))

    def day(self, at: date) -> str:
        return self.digits(at.isoformat())

    def at(self, at: datetime, zone: ZoneInfo) -> str:
        local = at.astimezone(zone)
        return self.digits(f"{local:%Y-%m-%d %H:%M}")

    def at_briefly(self, at: datetime, zone: ZoneInfo, now: datetime) -> str:
        """`04:40` for today, else with the day."""
        local = at.astimezone(zone)
        today = local.date() == now.astimezone(zone).date()
        return self.digits(f"{local:%H:%M}" if today else f"{local:%Y-%m-%d %H:%M}")

    def weekday(self, n: int) -> str:
        return self.word(WEEKDAYS[n])

    def span(self, span: timedelta) -> str:
        seconds, parts = round(abs(span.total_seconds())), []
        for size, template in UNITS:
            n, seconds = divmod(seconds, size)
            if n:
                parts.append(self.word(template).format(n=self.digits(str(n))))
            elif parts:
                break
            if len(parts) == 2:
                break
        return " ".join(parts) or self.word(UNITS[-1][1]).format(n=self.digits("0"))

    def listed(self, names: Sequence[str]) -> str:
        return self.word(COMMA).join(names)

    def isolated(self, text: str) -> str:
        """Somebody's name or words within our sentence: whatever way it runs, the rest keeps its own."""
        return f"{_ISOLATE}{text}{_POP}"

    def sentence(self, said: str, zone: ZoneInfo) -> str:
        """Evidence in this language, its instants in `zone`; mere text as it is."""
        if not isinstance(said, Sentence):
            return said
        values = {name: self._value(value, zone) for name, value in said.values.items()}
        try:
            return self.word(said.template).format(**values)
        except (KeyError, IndexError, ValueError):  # a translation that names what is not there
            return str(said)

    def knows(self, said: str) -> bool:
        """Is there a translation of this sentence? English needs none."""
        if self.language == "en" or not isinstance(said, Sentence):
            return self.language == "en"
        return self.word(said.template) != said.template

    def _value(self, value: object, zone: ZoneInfo) -> str:
        if isinstance(value, datetime):
            # After a word in Arabic letters a date would else run from right to left.
            return f"{_LEFT_TO_RIGHT}{self.at(value, zone)}{_POP}"
        if isinstance(value, timedelta):
            return self.span(value)
        if isinstance(value, tuple):
            return self.listed([self.isolated(each) for each in value])
        if isinstance(value, Sentence):
            return self.sentence(value, zone)
        if isinstance(value, Country):
            return self.isolated(self.country(value))
        if isinstance(value, int | float):
            return self.number(value)
        return self.isolated(str(value))


@lru_cache(maxsize=8)
def voice_of(language: str) -> Voice:
    """English where there is no catalogue of that language."""
    catalogue = catalogue_of(language)
    if catalogue is None:
        return Voice()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Voice(language, gettext.GNUTranslations(compiled))


def catalogue_of(language: str) -> Catalog | None:
    """None where there is none; English is what the templates say themselves."""
    path = path_of(language)
    if language not in LANGUAGES or not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
