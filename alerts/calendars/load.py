"""Reads calendar files: those that ship with the program, by name, and the operator's own."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alerts.calendars.period import Period
from domain.errors import DeadairError
from domain.toml import BadToml, read_toml

SUFFIX = ".toml"


class CalendarError(DeadairError):
    """A calendar cannot be used: says which file, which period, and what is wrong with it."""


def shipped() -> list[str]:
    """The names of the calendars that come with the program."""
    found = (each.name for each in files("alerts.calendars").iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX))


def load(names: Iterable[str]) -> tuple[Period, ...]:
    """The periods of these calendars, shipped ones by name and others by path. Raises CalendarError."""
    return tuple(period for name in names for period in _load(name))


@cache
def _shipped(name: str) -> tuple[Period, ...]:
    return parse(files("alerts.calendars").joinpath(name + SUFFIX).read_text("utf-8"), name + SUFFIX)


def _load(name: str) -> tuple[Period, ...]:
    """One of the operator's own is read anew each time: he may have changed it."""
    if name in shipped():
        return _shipped(name)
    path = Path(name)
    if path.suffix != SUFFIX:
        raise CalendarError(
            f"there is no calendar {name!r}",
            hint=f"with the program come {', '.join(shipped())}; one of yours is a file.toml",
        )
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CalendarError(f"cannot read the calendar {name}: {why}", hint="name a TOML file") from None
    return parse(text, name)


def parse(text: str, name: str) -> tuple[Period, ...]:
    """The periods in the text of a file. Raises CalendarError that lists every mistake in it."""
    try:
        document = read_toml(text)
    except BadToml as error:
        raise CalendarError(f"{name} is not valid TOML: {error}", hint="mend that line") from None
    found = document.pop("period", [])
    wrong = [f"{name}: no such key {key!r}; only [[period]] stands there" for key in document]
    if not isinstance(found, list):
        wrong, found = [*wrong, f"{name}: write [[period]], with two brackets"], []
    if not found and not wrong:
        wrong = [f"{name}: holds no [[period]]"]
    periods = []
    for n, each in enumerate(found, 1):
        try:
            periods.append(Period.model_validate(each))
        except ValidationError as error:
            wrong += [_sentence(name, n, each, mistake) for mistake in error.errors(include_url=False)]
    if wrong:
        raise CalendarError("\n  ".join(wrong), hint="docs/tuning.md has every key of a [[period]]")
    return tuple(periods)


def _sentence(name: str, n: int, period: object, mistake: Any) -> str:
    called = period.get("name") if isinstance(period, dict) else None
    where = f"{name}, period {n}" + (f" ({called})" if isinstance(called, str) else "")
    key = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        return f"{where}: no such key {key!r}"
    if mistake["type"] == "missing":
        return f"{where}: {key} must be given"
    said = str(mistake["msg"]).removeprefix("Value error, ")
    return f"{where}: {key + ': ' if key else ''}{said[:1].lower()}{said[1:]}"
