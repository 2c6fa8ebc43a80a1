"""What can be wrong with what somebody asks of the archive."""

from domain.errors import DeadairError


class QueryError(DeadairError):
    """The words of a query cannot be read: where, and why."""

    def __init__(self, text: str, at: int, why: str, *, hint: str = "") -> None:
        self.text = text
        self.at = at  #: the character at which it goes wrong, from 0
        self.why = why
        place = f"at the end of {text!r}" if at >= len(text) else f"at character {at + 1} of {text!r}"
        super().__init__(f"{place}: {why}", hint=hint)


class FilterError(DeadairError):
    """A filter names what is not there, or in a form that nobody can read."""
