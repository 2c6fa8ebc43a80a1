"""What the server answers when it refuses, and what it says to whoever drives it wrongly."""

from typing import Any

from domain.errors import DeadairError

Json = dict[str, Any]


class Refused(DeadairError):
    """A call that Telegram answers with `ok: false`: the code, the words, and what goes with them."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def to_api(self) -> Json:
        """The body of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class Misused(DeadairError):
    """The sandbox was told to do what no person at a phone could: press a button that is not there."""


def bad_request(why: str, **parameters: int) -> Refused:
    """400: the call itself is wrong, now and on every repetition."""
    return Refused(400, f"Bad Request: {why}", **parameters)


def forbidden(why: str) -> Refused:
    """403: the chat does not want the bot."""
    return Refused(403, f"Forbidden: {why}")


def too_many(seconds: int) -> Refused:
    """429: come back in so many seconds."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
