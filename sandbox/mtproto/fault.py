"""How a call can end other than with its result."""


class RpcFault(Exception):
    """Telegram refuses: a code and a name in capitals."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class Unanswered(Exception):
    """The client never hears of this call again."""


class CutOff(Exception):
    """The connection is reset instead of an answer."""
