"""/start and /stop: in and out."""

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message, User

from bot.access import Visitor
from bot.desk import Desk
from bot.handlers.subscribe import show_choice
from bot.markup import foreign
from bot.middlewares import for_anyone, for_choosing, rules, turn_away
from bot.say import say_in
from bot.texts import common, door
from domain.subscription import Role, Subscriber


async def start(message: Message, command: CommandObject, bot: Bot, desk: Desk) -> None:
    """Open to anyone, for it is the door: who has no business here is turned away inside."""
    user = message.from_user
    if user is None or user.is_bot:
        return
    if message.chat.type != ChatType.PRIVATE:
        await _start_in_group(message, user, bot, desk)
        return
    known = await desk.door.owner_writes(user.id, user.full_name) or await desk.door.known(user.id)
    if known is not None:
        await show_choice(message, Visitor(person=known, chat=known), desk)
        return
    code = (command.args or "").strip()
    newcomer = await desk.door.use(code, user.id, user.full_name) if code else None
    if newcomer is None:
        line = door.STALE_INVITE if code else door.STRANGER
        await turn_away(desk.door, message, user, message.chat.id, line)
        return
    say = say_in(newcomer.language)
    await message.answer(
        say(door.LET_IN, name=foreign(newcomer.name), role=say(common.ROLES[newcomer.role.value]))
    )
    await show_choice(message, Visitor(person=newcomer, chat=newcomer), desk)


async def _start_in_group(message: Message, user: User, bot: Bot, desk: Desk) -> None:
    """A group is let in by an admin of it who is let in, from analyst upwards. Others hear nothing.

    Said in a topic of a forum, alerts come into that topic from then on.
    """
    person = await desk.door.known(user.id) or await desk.door.owner_writes(user.id, user.full_name)
    if person is None or not person.role.at_least(Role.ANALYST):
        await desk.door.refused(user.id, user.full_name, "/start in a group", "may let no group in")
        return
    if not await rules(bot, message.chat.id, user.id):
        await desk.door.refused(user.id, user.full_name, "/start in a group", "is no admin of the group")
        return
    topic = message.message_thread_id if message.is_topic_message else None
    group = await desk.door.known(message.chat.id)
    if group is None:
        group = await desk.door.let_group_in(message.chat.id, message.chat.title or "?", person, topic)
        line = door.GROUP_LET_IN if topic is None else door.TOPIC_LET_IN
        await message.answer(say_in(group.language)(line))
    elif group.thread_id != topic:
        group = await desk.door.move_to_topic(group, topic, person)
        line = door.GROUP_MOVED if topic is None else door.TOPIC_MOVED
        await message.answer(say_in(group.language)(line))
    await show_choice(message, Visitor(person=person, chat=group), desk)


async def stop(message: Message, visitor: Visitor, desk: Desk) -> None:
    """End the access of this chat; a group's by an admin of it."""
    chat: Subscriber = visitor.chat
    await desk.door.leave(chat.chat_id, visitor.person)
    owner = chat.chat_id in desk.config.owners
    await message.answer(visitor.say(door.GOODBYE_OWNER if owner else door.GOODBYE))


def make_router() -> Router:
    router = Router(name="start")
    router.message.register(start, CommandStart(), flags=for_anyone())
    router.message.register(stop, Command("stop"), flags=for_choosing(Role.GUEST))
    return router
