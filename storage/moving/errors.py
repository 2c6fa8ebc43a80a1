"""What can be wrong with a move."""

from domain.errors import DeadairError


class MoveError(DeadairError):
    """An archive cannot be moved, or not yet; the old one is as it was."""
