"""Says a template in one language. Whatever is filled in is escaped, unless it is `Html`."""

import gettext
from functools import lru_cache
from pathlib import Path
from typing import Final

from bot.markup import Html, html


class Say:
    """Says a template in one language, filled in and escaped."""

    def __init__(self, translations: gettext.NullTranslations | None = None) -> None:
        self._translations = translations or gettext.NullTranslations()

    def __call__(self, template: str, **values: object) -> Html:
        """As HTML."""
        words = html(self._translations.gettext(template))
        return Html(words.format(**{name: html(value) for name, value in values.items()}))

    def bare(self, template: str, **values: object) -> str:
        """As plain text: for buttons and charts."""
        return self._translations.gettext(template).format(**values)

    def many(self, templates: tuple[str, str], n: float, shown: str) -> Html:
        """With the right form for a number."""
        one, more = templates
        words = self._translations.ngettext(one, more, 1 if n == 1 else 2)
        return Html(html(words).format(n=html(shown)))


ENGLISH: Final = Say()
_CATALOGUES = Path(__file__).parent / "locales"


@lru_cache(maxsize=32)
def say_in(language: str) -> Say:
    """The voice for a language; English where its catalogue is not there."""
    return Say(gettext.translation("deadair", _CATALOGUES, languages=[language], fallback=True))
