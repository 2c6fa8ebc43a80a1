"""What can be wrong with a file as a whole. A single bad record is no error: it is a `Bad`."""

from domain.errors import DeadairError


class Unreadable(DeadairError):
    """The file is not there, or may not be read."""


class UnknownFormat(DeadairError):
    """Nothing in the file looks like posts in a form we know."""


class NotAChannel(DeadairError):
    """The export is of a private chat, a group or a bot: Deadair keeps broadcast channels only."""


class Unusable(ValueError):
    """A record cannot be used; the message is the reason as the operator is told it."""
