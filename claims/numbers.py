"""Numbers in a folded text: digits, number words, compounds, and the dual of Arabic nouns."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_TOKEN = re.compile(r"(?:(?<![\w])[وبلו])?\d+(?:[,.]\d{3})*|\w+")
_TENS = {20, 30, 40, 50, 60, 70, 80, 90}
#: Words that say "some" or "many": mentioned, without a number.
VAGUE = re.compile(
    r"^(?:عدد|عده|عشرات|العشرات|ميات|بضع|بعض|عددا|دهها|ده|ها|چند|شماري|dozens|several|many|some|scores|numerous|"
    r"десятки|несколько|עשרות|מספר|onlarca|cok|birkac|چهند|دهيان)$"
)


class Number(NamedTuple):
    start: int
    end: int
    value: int


def numbers(text: str, start: int, end: int, words: Mapping[str, int]) -> list[Number]:
    """The numbers within [start, end), compounds (ثلاثة وعشرون) joined."""
    out: list[Number] = []
    for m in _TOKEN.finditer(text, start, end):
        token = m[0]
        value = _value(token, words)
        if value is None or value < 0 or (value == 0 and not token[-1].isdigit()):
            continue  # صفر is the month Safar, and point-blank range
        last = out[-1] if out else None
        if last and 0 < last.value < 10 and value in _TENS and text[last.end : m.start()].isspace():
            if token.startswith("و"):
                out[-1] = Number(last.start, m.end(), last.value + value)
                continue
        elif last and last.value in _TENS and 0 < value < 10 and m.start() - last.end <= 3:
            out[-1] = Number(last.start, m.end(), last.value + value)
            continue
        attached = token[-1].isdigit() and not token[0].isdigit()
        out.append(Number(m.start() + attached, m.end(), value))
    return out


def _value(token: str, words: Mapping[str, int]) -> int | None:
    if token[-1].isdigit() and token.lstrip("وبلו")[0].isdigit():
        digits = re.sub(r"[,.]", "", token.lstrip("وبلו"))
        return int(digits) if digits.isdecimal() and len(digits) <= 9 else None
    for form in (
        token,
        token.removeprefix("و"),
        token.removeprefix("ب"),
        token.removeprefix("ل"),
        token.removeprefix("ו"),
        token.removesuffix("ا"),
    ):
        if form in words:
            return words[form]
    return None


#: Dual nouns that mean two of a person or thing; a list, since ين also ends plurals.
DUAL = re.compile(
    r"^[وفبل]?(?:ال)?(?:جندي|ضابط|قتيل|جريح|مقاتل|شهيد|صاروخ|مسير|طاير|عبو|قاعد|عملي|مستوطن|عنصر|مدني|عسكري|هدف|سفين|منتسب)"
    r"ت?(?:ين|ان)$"
)
