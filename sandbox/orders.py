"""The bodies of the control API: what each deed takes."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from sandbox.faults import Deed, LinkState, Upset


class Order(BaseModel, extra="forbid"):
    pass


class OfChannel(Order):
    channel: int | str  #: number or handle


class NewPost(OfChannel):
    text: str
    at: AwareDatetime | None = None
    push: bool = True
    log: bool = True
    times: int = Field(1, ge=1, le=10_000)


class EditPost(OfChannel):
    id: int
    text: str
    at: AwareDatetime | None = None
    push: bool = True


class DeletePosts(OfChannel):
    ids: list[int]
    push: bool = True


class SetViews(OfChannel):
    id: int
    views: int = Field(ge=0)


class NewTitle(OfChannel):
    title: str


class NewHandle(OfChannel):
    handle: str | None


class OfAccount(OfChannel):
    account: int | None = None  #: all accounts when None


class MakePrivate(OfChannel):
    evict: bool = False


class Restrict(OfChannel):
    reason: str | None
    on: str = "all"  #: or on one kind of app: ios, android


class Mark(OfChannel):
    scam: bool = False
    fake: bool = False


class HideHistory(OfChannel):
    hidden: bool = True


class ShowPreview(OfChannel):
    shown: bool


class SetAudience(OfChannel):
    members: int = Field(ge=0)


class NewChannel(Order):
    title: str
    handle: str | None = None
    joined: bool = True


class NewAccount(Order):
    phone: str
    code: str = "12345"
    password: str | None = None


class SetLink(Order):
    state: LinkState | None = None
    clock_skew: float | None = None
    mute_pings: bool | None = None
    transport_error: int | None = None
    deed: Literal["reset_all", "half_open", "heal"] | None = None


class CallFault(Order):
    deed: Deed
    method: str = "*"
    channel: int | None = None
    account: int | None = None
    times: int | None = Field(1, ge=1)
    code: int = 500
    message: str = "RPC_CALL_FAIL"
    seconds: float = Field(0.0, ge=0)


class Throttled(Order):
    """Such calls are refused for so many seconds of the sandbox's clock, and told how long is left."""

    method: str = "*"
    seconds: float = Field(gt=0)
    channel: int | None = None
    account: int | None = None


class PushFault(Order):
    upset: Upset
    channel: int | None = None
    account: int | None = None
    times: int | None = Field(1, ge=1)


class AccountFate(Order):
    account: int
    fate: Literal["log_out", "forget_keys", "refuse", "pardon"]
    code: int = 401
    message: str = "USER_DEACTIVATED_BAN"


class AcceptLogin(Order):
    account: int
    url: str  #: what the QR code says, tg://login?token=…
