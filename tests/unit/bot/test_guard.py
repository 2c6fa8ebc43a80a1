"""No handler without a guard."""

from aiogram import Dispatcher
from aiogram.filters.callback_data import CallbackData

from bot.access import Door
from bot.app import make_dispatcher, make_routers
from bot.config import BotConfig
from bot.desk import Desk
from bot.handlers.help import COMMANDS
from bot.middlewares import ANYONE, ROLE, Guard
from domain.clock import WallClock
from domain.subscription import Role
from tests.support.handlers import handlers, ways

#: The door itself, the wish to be let in, and two that answer nobody.
OPEN = {"start", "ask", "put_out", "migrated"}


def a_dispatcher() -> Dispatcher:
    config, clock = BotConfig(), WallClock()
    door = Door(config, None, clock, clock)  # type: ignore[arg-type]  # nothing is asked of the store here
    return make_dispatcher(Desk(config=config, store=None, clock=clock, door=door))  # type: ignore[arg-type]  # the same


def test_every_handler_names_its_role_and_stands_behind_the_guard() -> None:
    found = list(handlers(a_dispatcher()))
    assert len(found) >= 15
    for observer, handler in found:
        role = handler.flags.get(ROLE)
        assert isinstance(role, Role) or role == ANYONE, handler.callback
        guards = [m for m in observer._resolve_middlewares() if isinstance(m, Guard)]
        assert len(guards) == 1, f"{handler.callback} in {observer.event_name} is not guarded"


def test_only_the_door_and_what_never_answers_is_open_to_anyone() -> None:
    open_ones = {h.callback.__name__ for _, h in handlers(a_dispatcher()) if h.flags.get(ROLE) == ANYONE}
    assert open_ones == OPEN


def test_who_is_let_in_is_the_owners_to_say() -> None:
    mine = {way.name.rpartition(".")[2] for way in ways() if way.role is Role.OWNER}
    assert mine >= {"invite", "invites", "revoke", "requests", "decide", "people", "member"}


def test_no_two_kinds_of_buttons_are_taken_for_each_other() -> None:
    kinds = [kind for kind in CallbackData.__subclasses__() if kind.__module__.startswith("bot.")]
    prefixes = [kind.__prefix__ for kind in kinds]
    assert sorted(set(prefixes)) == sorted(prefixes)


def test_every_command_of_the_help_exists_and_every_command_is_in_the_help() -> None:
    existing: set[str] = set()
    for router in make_routers():
        for handler in router.message.handlers:
            for name in handler.flags.get("commands", ()):
                existing |= set(name.commands)
    assert existing == {name for name, _, _ in COMMANDS}
