"""The bot's own account."""

import re
from collections.abc import Callable
from datetime import timedelta

from sandbox.botapi.call import Call
from sandbox.botapi.errors import Json, bad_request, too_many
from sandbox.botapi.markup import units
from sandbox.botapi.world import World

MOST_COMMANDS = 100
#: https://core.telegram.org/bots/api#close
CLOSE_NOT_BEFORE = timedelta(minutes=10)
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def get_me(world: World, call: Call) -> Json:
    return world.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def log_out(world: World, call: Call) -> bool:
    """From now on every other call is refused, as by the cloud server for a bot that has moved to its own."""
    world.profile.logged_out = True
    return True


def close(world: World, call: Call) -> bool:
    """Refused in the first ten minutes, as Telegram does."""
    left = world.started_at + CLOSE_NOT_BEFORE - world.pace.now()
    if left > timedelta():
        raise too_many(int(left.total_seconds()) + 1)
    return True


def set_my_commands(world: World, call: Call) -> bool:
    commands = call.thing("commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands JSON object")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = []
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        description = str(command.get("description", ""))
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= units(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": name, "description": description})
    world.profile.commands[_scope(call)] = kept
    return True


def get_my_commands(world: World, call: Call) -> list[Json]:
    return world.profile.commands.get(_scope(call), [])


def delete_my_commands(world: World, call: Call) -> bool:
    world.profile.commands.pop(_scope(call), None)
    return True


def set_text(what: str, most: int) -> Callable[[World, Call], bool]:
    """The method that sets the bot's name or one of its descriptions."""

    def method(world: World, call: Call) -> bool:
        text = call.text(what)
        if units(text) > most:
            raise bad_request(f"{what.replace('_', ' ')} is too long")
        world.profile.texts[what, call.text("language_code")] = text
        return True

    return method


def get_text(what: str) -> Callable[[World, Call], Json]:
    """The method that gets it."""

    def method(world: World, call: Call) -> Json:
        texts = world.profile.texts
        own = world.me["first_name"] if what == "name" else ""
        return {what: texts.get((what, call.text("language_code"))) or texts.get((what, "")) or own}

    return method


def _scope(call: Call) -> tuple[str, str]:
    scope = call.thing("scope") or {"type": "default"}
    where = ":".join(str(scope[k]) for k in ("type", "chat_id", "user_id") if k in scope)
    return where, call.text("language_code")
