"""What becomes of the bot in a chat: blocked, thrown out, the group upgraded. Nothing is answered."""

import structlog
from aiogram import F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated, Message

from bot.desk import Desk
from bot.middlewares import for_anyone
from bot.parting import part

log = structlog.get_logger(__name__)
_OUT = (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)


async def put_out(event: ChatMemberUpdated, desk: Desk) -> None:
    """Blocked, or removed from a group: what waits is dropped at once rather than tried in vain."""
    why = f"the bot was put out: {event.new_chat_member.status}"
    async with desk.store.begin() as tx:
        if await tx.subscriptions.subscriber(event.chat.id) is None:
            return
        dropped = await part(tx, event.chat.id, desk.clock.now(), why)
    log.warning("bot: subscription ended", chat=event.chat.id, why=why, dropped=dropped)


async def migrated(message: Message, desk: Desk) -> None:
    """A group became a supergroup: Telegram says so before the next alert would find out."""
    if message.migrate_to_chat_id is None:
        return
    async with desk.store.begin() as tx:
        if await tx.subscriptions.subscriber(message.chat.id) is None:
            return
        await tx.move_chat(message.chat.id, message.migrate_to_chat_id)


def make_router() -> Router:
    router = Router(name="member")
    router.my_chat_member.register(put_out, F.new_chat_member.status.in_(_OUT), flags=for_anyone())
    router.message.register(migrated, F.migrate_to_chat_id, flags=for_anyone())
    return router
