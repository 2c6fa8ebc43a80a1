"""The secrets of this process, kept out of everything it writes for people and logs."""

import sys
import threading
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Final

from domain.mask import Mask, secrets_of_address

if TYPE_CHECKING:
    from deadair.config import Setup

_MASK: Final = Mask()


def know_secrets_of(setup: "Setup") -> None:
    """Whatever of the config is secret is masked from now on."""
    config = setup.config
    _MASK.know((setup.api_hash, (setup.bot_token or "").rpartition(":")[2]))
    addresses = [setup.storage.url, config.health.heartbeat_url, *config.alerts.outages]
    addresses += [account.proxy for account in config.accounts]
    for address in addresses:
        _MASK.know(secrets_of_address(address))


def covered(text: str) -> str:
    """The text without any secret that this process knows, and without what looks like one."""
    return _MASK.cover(text)


def cover_tracebacks() -> None:
    """What nobody has caught is told as ever, but without secrets."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        print(covered("".join(traceback.format_exception(kind, error, trace))), end="", file=sys.stderr)

    def tell_of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            tell(args.exc_type, args.exc_value, args.exc_traceback)

    def tell_of_no_one(args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            print(covered(f"{args.err_msg or 'Exception ignored in'}: {args.object!r}"), file=sys.stderr)
            tell(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = tell
    threading.excepthook = tell_of_thread
    sys.unraisablehook = tell_of_no_one
