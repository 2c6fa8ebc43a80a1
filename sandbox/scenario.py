"""Scenarios as data: channels with a rhythm and topics, what befalls them, and the alerts that must follow.

A scenario is a TOML file; `scenarios/` holds those we ship. Instants in it are spans from the start of its
live part (`at = "1d16h"`); its history lies before that start. `like = "demo"` takes everything from the file
of that name beside it, but what befalls and what is expected.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, field_validator, model_validator

from domain.errors import DeadairError
from domain.instant import parse_span, utc
from domain.toml import BadToml, read_toml

SHIPPED = Path(__file__).with_name("scenarios")

Span = Annotated[timedelta, BeforeValidator(lambda v: parse_span(v) if isinstance(v, str) else v)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0)]

What = Literal[
    "topic_stops",
    "topic_resumes",
    "falls_silent",
    "resumes",
    "surge",
    "drop",
    "rename",
    "handle",
    "handle_taken",
    "ban",
    "unban",
    "delete_channel",
    "private",
    "restrict",
    "post",
    "edit",
    "delete",
    "cut_off",
    "flood",
]


class InvalidScenario(DeadairError):
    """A scenario file that cannot be played; says which entry, and why."""


class _Table(BaseModel, extra="forbid", frozen=True):
    pass


class Topic(_Table):
    """`[[topic]]`: what is talked about, the words that give it away, and texts by language."""

    name: str
    words: tuple[str, ...] = ()
    texts: dict[str, tuple[str, ...]]


class ScenarioChannel(_Table):
    """`[[channel]]`: who posts, how much, when, and about what."""

    title: str
    handle: str | None = None
    group: str | None = None
    language: str = "ar"
    zone: str = ""  #: IANA zone of its audience; the scenario's when empty
    about: str = ""
    audience: int = Field(1000, ge=0)
    per_day: float = Field(gt=0, le=2000)
    hours: tuple[Factor, ...] = ()  #: 24 factors from midnight on, in its own zone
    weekdays: tuple[Factor, ...] = ()  #: 7 factors from Monday on
    topics: dict[str, Factor]
    clustering: float = Field(0.25, ge=0, le=3)  #: posts that follow on each, on average
    photos: Share = 0.0
    albums: Share = 0.0
    reposts: Share = 0.0
    edited: Share = 0.0
    deleted: Share = 0.0

    @field_validator("hours")
    @classmethod
    def _twenty_four(cls, hours: tuple[float, ...]) -> tuple[float, ...]:
        if hours and (len(hours) != 24 or sum(hours) == 0):
            raise ValueError("24 factors, not all zero, one for each hour from midnight on")
        return hours

    @field_validator("weekdays")
    @classmethod
    def _seven(cls, weekdays: tuple[float, ...]) -> tuple[float, ...]:
        if weekdays and (len(weekdays) != 7 or sum(weekdays) == 0):
            raise ValueError("7 factors, not all zero, one for each day from Monday on")
        return weekdays

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return _zone(zone) if zone else zone

    @property
    def key(self) -> str:
        """By what the scenario's other tables name it."""
        return self.handle or self.title


class Happens(_Table):
    """`[[happens]]`: what befalls a channel, a group, or the line to the collector."""

    at: Span
    what: What
    channel: str | None = None
    group: str | None = None
    topic: str | None = None
    lasts: Span | None = Field(None, alias="for")
    factor: float | None = Field(None, ge=0)
    text: str | None = None
    title: str | None = None
    handle: str | None = None
    how: Literal["refused", "reset", "black_hole"] = "refused"
    method: str = "*"
    seconds: int = Field(30, ge=1)
    times: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {
            "topic_stops": ("topic",),
            "topic_resumes": ("topic",),
            "surge": ("factor",),
            "drop": ("factor",),
            "rename": ("title",),
            "cut_off": ("for",),
            "handle_taken": ("channel", "title"),
            "post": ("channel", "text"),
            "edit": ("channel", "text"),
        }
        given = {**self.__dict__, "for": self.lasts}
        for name in needs.get(self.what, ()):
            if given[name] is None:
                raise ValueError(f'what = "{self.what}" needs `{name}`')
        if self.what not in ("cut_off", "flood") and self.channel is None and self.group is None:
            raise ValueError(f'what = "{self.what}" needs `channel` or `group`')
        return self


class Expect(_Table):
    """`[[expect]]`: an alert that must be given, and when. There must be no other."""

    kind: Literal["silence", "drop", "surge", "blind", "channel"]
    channel: str | None = None
    group: str | None = None
    topic: str | None = None
    status: str | None = None  #: of kind "channel": what became of it (domain.channel.ChannelStatus)
    opens_from: Span = Field(alias="from")
    opens_until: Span = Field(alias="until")
    why: str = ""


class Scenario(_Table):
    """A whole scenario, checked."""

    name: str
    about: str = ""
    seed: int = 1
    zone: str = "UTC"
    starts: datetime
    history: Span = timedelta(0)
    live: Span
    hours: tuple[Factor, ...] = ()
    words: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    topic: tuple[Topic, ...]
    channel: tuple[ScenarioChannel, ...] = Field(min_length=1)
    happens: tuple[Happens, ...] = ()
    expect: tuple[Expect, ...] = ()

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        return _zone(zone)

    @field_validator("starts")
    @classmethod
    def _with_zone(cls, starts: datetime) -> datetime:
        return utc(starts)

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        topics = {t.name: t for t in self.topic}
        keys = [c.key for c in self.channel]
        groups = {c.group for c in self.channel if c.group}
        _refuse_doubles("topic", [t.name for t in self.topic])
        _refuse_doubles("channel", keys)
        for n, channel in enumerate(self.channel, 1):
            for name in channel.topics:
                _known(f"channel {n} ({channel.key}): topics", name, topics)
                _known(f"topic {name}: texts", channel.language, topics[name].texts)
            if not sum(channel.topics.values()):
                raise ValueError(f"channel {n} ({channel.key}): the topics' shares add up to nothing")
        for table, entries in (("happens", self.happens), ("expect", self.expect)):
            for n, entry in enumerate(entries, 1):
                for field, allowed in (("channel", keys), ("group", groups), ("topic", topics)):
                    if (named := getattr(entry, field)) is not None:
                        _known(f"{table} {n}: {field}", named, allowed)
        for n, happens in enumerate(self.happens, 1):
            if happens.at > self.live:
                raise ValueError(f"happens {n}: at {happens.at} the live part is over (live = {self.live})")
        return self

    @property
    def ends(self) -> datetime:
        return self.starts + self.live

    def starting(self, at: datetime) -> "Scenario":
        """The same scenario with its live part beginning at another instant."""
        return self.model_copy(update={"starts": utc(at)})

    def members(self, happens: Happens) -> tuple[ScenarioChannel, ...]:
        """The channels that something befalls."""
        return tuple(
            c
            for c in self.channel
            if (happens.channel is not None and c.key == happens.channel)
            or (happens.group is not None and c.group == happens.group)
        )


def load_scenario(which: str | Path) -> Scenario:
    """Read a scenario: a path, or the name of one we ship. Raises InvalidScenario naming file and entry."""
    path = Path(which)
    if not path.suffix and not path.exists():
        path = SHIPPED / f"{which}.toml"
    data = _read(path)
    if (model := data.pop("like", None)) is not None:
        data = {**_read(path.with_name(f"{model}.toml")), "happens": [], "expect": [], **data}
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = _place(first["loc"])
        said = str(first["msg"]).removeprefix("Value error, ")
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise InvalidScenario(
            f"{path}: {where}{said}{more}", hint="scenarios/demo.toml shows every table in use"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path.read_text("utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        raise InvalidScenario(
            f"there is no scenario {path}", hint=f"give a file, or one of: {known}"
        ) from None
    except (OSError, UnicodeDecodeError, BadToml) as error:
        raise InvalidScenario(f"{path}: {error}", hint="a scenario is a TOML file in UTF-8") from error


def _place(location: tuple[Any, ...]) -> str:
    """('channel', 2, 'per_day') -> `channel 3: per_day: `"""
    parts: list[str] = []
    for part in location:
        if isinstance(part, int) and parts:
            parts[-1] += f" {part + 1}"
        else:
            parts.append(str(part))
    return "".join(f"{p}: " for p in parts)


def _known(where: str, name: str, allowed: Any) -> None:
    if name not in allowed:
        raise ValueError(f"{where}: there is no {name!r}; there is {', '.join(sorted(allowed)) or 'none'}")


def _refuse_doubles(what: str, names: list[str]) -> None:
    if double := next((n for n in names if names.count(n) > 1), None):
        raise ValueError(f"two entries of {what} are called {double!r}")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error
    return name
