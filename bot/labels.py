"""What stands on buttons: short, on one line, never empty; and the row that turns pages."""

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from bot.say import Say
from bot.texts import choosing

_LONGEST_LABEL = 40


def short(text: str, longest: int = _LONGEST_LABEL) -> str:
    """A label on one line; something must remain, for Telegram refuses an empty button."""
    line = " ".join("".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF).split())
    line = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return line or "?"


def button(label: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=label, callback_data=data.pack())


def pager(page: int, pages: int, to: Callable[[int], CallbackData], say: Say) -> list[InlineKeyboardButton]:
    """Back, where one is, and on; `to` makes what a button to a page bears."""
    row = []
    if page > 0:
        row.append(button(say.bare(choosing.BACK_BUTTON), to(page - 1)))
    row.append(button(f"{page + 1}/{pages}", to(page)))
    if page < pages - 1:
        row.append(button(say.bare(choosing.NEXT_BUTTON), to(page + 1)))
    return row
