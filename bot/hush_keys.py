"""Buttons of hushing, of languages and of zones."""

from collections.abc import Sequence
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.labels import button, short
from bot.say import LANGUAGES, Say
from bot.texts import hushing
from domain.hush import Digest, Mute

#: What a tap mutes everything for, in hours.
SPANS = (1, 8, 24)
#: Quiet hours that a tap sets, as (start, end) in whole hours.
NIGHTS = ((22, 7), (23, 6), (0, 8))


class MuteAll(CallbackData, prefix="mu"):
    """Mute everything for so many hours."""

    hours: int


class Unmute(CallbackData, prefix="um"):
    """End a mute."""

    id: int


class Quiet(CallbackData, prefix="qu"):
    """Have quiet hours, in whole hours; equal ones: none."""

    start: int
    end: int


class Summing(CallbackData, prefix="dg"):
    """Have a digest; `only`: alerts wait for it."""

    every: Literal["daily", "weekly", "off"]
    hour: int
    weekday: int
    only: bool


class Speak(CallbackData, prefix="la"):
    """Speak that language here."""

    language: str


class Zone(CallbackData, prefix="tz"):
    """Tell times of that zone here."""

    key: str


def mute_keys(
    mutes: Sequence[tuple[Mute, str]], spans: Sequence[tuple[int, str]], say: Say
) -> InlineKeyboardMarkup:
    """One to end each mute, and some to mute everything."""
    rows = [[button(say.bare(hushing.UNMUTE_BUTTON, what=short(what)), Unmute(id=m.id))] for m, what in mutes]
    rows += [[button(say.bare(hushing.MUTE_ALL_BUTTON, span=s), MuteAll(hours=h))] for h, s in spans]
    return InlineKeyboardMarkup(inline_keyboard=rows[:90])


def quiet_keys(*, has: bool, say: Say) -> InlineKeyboardMarkup:
    nights = [
        button(
            say.bare(hushing.QUIET_BUTTON, start=say.digits(f"{a:02}:00"), end=say.digits(f"{b:02}:00")),
            Quiet(start=a, end=b),
        )
        for a, b in NIGHTS
    ]
    rows = [[each] for each in nights]
    if has:
        rows.append([button(say.bare(hushing.QUIET_OFF_BUTTON), Quiet(start=0, end=0))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def digest_keys(digest: Digest | None, say: Say) -> InlineKeyboardMarkup:
    hour, only = (8, False) if digest is None else (digest.hour, digest.instead)
    at = say.digits(f"{hour:02}:00")
    daily = say.bare(hushing.DIGEST_DAILY_BUTTON, hour=at)
    weekly = say.bare(hushing.DIGEST_WEEKLY_BUTTON, hour=at)
    rows: list[list[InlineKeyboardButton]] = [
        [button(daily, Summing(every="daily", hour=hour, weekday=0, only=only))],
        [button(weekly, Summing(every="weekly", hour=hour, weekday=0, only=only))],
    ]
    if digest is not None:
        other = hushing.DIGEST_BESIDE_BUTTON if only else hushing.DIGEST_INSTEAD_BUTTON
        same = {"every": digest.every.value, "hour": hour, "weekday": digest.weekday, "only": not only}
        rows.append([button(say.bare(other), Summing.model_validate(same))])
        off = Summing(every="off", hour=0, weekday=0, only=False)
        rows.append([button(say.bare(hushing.DIGEST_OFF_BUTTON), off)])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def language_keys() -> InlineKeyboardMarkup:
    """Each by its own name, so that whoever cannot read this finds it."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(name, Speak(language=code))] for code, name in LANGUAGES.items()]
    )


def zone_keys(zones: Sequence[str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[button(each, Zone(key=each))] for each in zones])
