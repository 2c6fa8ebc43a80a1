"""An account that watches: a Telegram user who can log in."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Account:
    """A user of the sandbox. `code` is what Telegram would send; with a `password` it takes two steps."""

    id: int
    phone: str
    first_name: str = "Observer"
    username: str | None = None
    code: str = "12345"
    password: str | None = None
    hint: str = ""
    #: What every request of this account is refused with, as (code, message): (401, "USER_DEACTIVATED_BAN").
    refused: tuple[int, str] | None = None

    @property
    def access_hash(self) -> int:
        return self.id * 1_000_003 + 7
