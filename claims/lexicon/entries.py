"""The entries of the lexicon as they are held in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

LANGUAGES = ("ar", "fa", "ckb", "he", "ru", "tr", "en")


class Layer(Enum):
    """What a surface speaks of. The first five are things, of which the longest on a spot wins."""

    ACTOR = "actor"
    ADJECTIVE = "adjective"  #: of an actor: Israeli, أمريكي
    PLACE = "place"
    WEAPON = "weapon"
    TARGET = "target"
    ACTION = "action"
    CUE = "cue"
    TOPIC = "topic"
    MODEL = "model"  #: a weapon by its model's name, which needs the weapon named beside it


class Meaning(NamedTuple):
    """What one surface stands for."""

    layer: Layer
    id: str
    lang: str
    form: str = ""  #: of an action: past, present, first person, noun, event; of others: nothing
    ambiguous: bool = False  #: means it only in the right surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    id: str
    side: str  #: axis, adversary, neutral, jihadi
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    id: str
    kind: str
    country: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weapon:
    id: str
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Names of days, months, numbers and relative days, by language, folded."""

    weekdays: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    months: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    solar: Mapping[str, int] = field(default_factory=dict)
    hijri: Mapping[str, int] = field(default_factory=dict)
    relative: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
