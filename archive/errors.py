"""What can be wrong with what somebody asks of the archive."""

from domain import complaint
from domain.errors import DeadairError
from domain.sentence import Sentence


class QueryError(DeadairError):
    """The words of a query cannot be read: where, and why."""

    def __init__(self, text: str, at: int, why: str, *, hint: str = "") -> None:
        self.text = text
        self.at = at  #: the character at which it goes wrong, from 0
        self.why = why
        if at >= len(text):
            what = Sentence(complaint.AT_END, words=repr(text), why=why)
        else:
            what = Sentence(complaint.AT, n=at + 1, words=repr(text), why=why)
        super().__init__(what, hint=hint)


class FilterError(DeadairError):
    """A filter names what is not there, or in a form that nobody can read."""
