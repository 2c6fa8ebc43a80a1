"""The error every other error of ours is a kind of."""


class DeadairError(Exception):
    """Something an operator can act on.

    The message says what is wrong; ``hint`` says what to do about it. Commands print both and no traceback.
    """

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def why(error: Exception) -> str:
    """Why something could not be read or written, without number and path: a message has these beside it."""
    return getattr(error, "strerror", None) or str(error)
