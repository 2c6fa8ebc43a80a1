"""What an examination found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import DeadairError


class Level(StrEnum):
    WELL = "well"
    NOTE = "note"  #: it works, and somebody should know
    WRONG = "wrong"  #: it does not work, or will not for long


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    of: str  #: what was looked at, in a word or two
    level: Level
    what: str
    hint: str = ""  #: what to do
    #: It works still, and those who run it are told unasked, as of what is wrong.
    is_warning: bool = False

    @property
    def is_told(self) -> bool:
        """Are those who run it told of it without having to ask?"""
        return self.is_warning or self.level is Level.WRONG

    @classmethod
    def well(cls, of: str, what: str) -> "Check":
        return cls(of=of, level=Level.WELL, what=what)

    @classmethod
    def note(cls, of: str, what: str, hint: str = "") -> "Check":
        return cls(of=of, level=Level.NOTE, what=what, hint=hint)

    @classmethod
    def warning(cls, of: str, what: str, hint: str = "") -> "Check":
        return cls(of=of, level=Level.NOTE, what=what, hint=hint, is_warning=True)

    @classmethod
    def wrong(cls, of: str, what: str, hint: str = "") -> "Check":
        return cls(of=of, level=Level.WRONG, what=what, hint=hint)

    @classmethod
    def failed(cls, of: str, error: DeadairError) -> "Check":
        return cls.wrong(of, error.what, error.hint)
