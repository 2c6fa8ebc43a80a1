"""All that the bot answers to, and for each a way to try it as a person would."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from aiogram import Router
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.dispatcher.event.telegram import TelegramEventObserver
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter

from bot.app import make_routers
from bot.middlewares import ROLE
from domain.subscription import Role


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that somebody can do, and the handler that it reaches."""

    event: str  #: message, callback_query, inline_query, ...
    handler: HandlerObject
    tries: str  #: what is said, or what the button bears

    @property
    def name(self) -> str:
        return f"{self.handler.callback.__module__}.{self.handler.callback.__name__}"

    @property
    def role(self) -> Role | None:
        """Whom it serves; None: anyone."""
        found = self.handler.flags.get(ROLE)
        return found if isinstance(found, Role) else None


def handlers(router: Router) -> Iterator[tuple[TelegramEventObserver, HandlerObject]]:
    """All of them, whatever they are for, however deep."""
    for name, observer in router.observers.items():
        # "update" is aiogram's own way in; "error" hears of failures, never of people.
        if name not in ("update", "error"):
            yield from ((observer, handler) for handler in observer.handlers)
    for child in router.sub_routers:
        yield from handlers(child)


def ways() -> Iterator[Way]:
    """A way to each handler, and by each of its commands. Fails for one to which no way is known."""
    for router in make_routers():
        for observer, handler in handlers(router):
            yield from (Way(observer.event_name, handler, tries) for tries in _tries(observer, handler))


def _tries(observer: TelegramEventObserver, handler: HandlerObject) -> list[str]:
    match observer.event_name:
        case "message" if commands := handler.flags.get("commands"):
            return [f"/{name} x" for each in commands for name in each.commands]
        case "message":
            return ["just words"]
        case "callback_query":
            filters = [f.callback for f in handler.filters or ()]
            datas = [f.callback_data for f in filters if isinstance(f, CallbackQueryFilter)]
            return [sample(each).pack() for each in datas] or ["a-button-of-former-times"]
        case "inline_query":
            return ["attacks"]
        case "my_chat_member" | "chosen_inline_result":
            return [""]
        case other:
            raise AssertionError(f"how does one try {other} ({handler.callback})?")


def sample(kind: type[CallbackData]) -> CallbackData:
    """A button of this kind, as it could be pressed."""
    return kind.model_validate({name: _value(field.annotation) for name, field in kind.model_fields.items()})


def _value(annotation: Any) -> Any:
    if get_origin(annotation) is Literal:
        return get_args(annotation)[-1]
    kinds = get_args(annotation) or (annotation,)
    for kind, value in ((bool, True), (int, 1), (float, 0.5), (str, "x")):
        if kind in kinds:
            return value
    found = next((k for k in kinds if hasattr(k, "__members__")), None)
    if found is None:
        raise AssertionError(f"what does a button bear as {annotation}?")
    return next(iter(found)).value
