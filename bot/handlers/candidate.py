"""The button of an alert that names a channel which may be taking over: one tap has it watched."""

from contextlib import suppress

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.keyboards import Watch, without
from bot.markup import LONGEST_ANSWER, shortened
from bot.middlewares import for_role
from bot.texts import choosing
from domain.candidate import CandidateState
from domain.subscription import Role


async def watch(query: CallbackQuery, callback_data: Watch, visitor: Visitor, desk: Desk) -> None:
    """Write the wish down; the collector takes it up. Tapped twice, it is one wish."""
    say, person = visitor.say, visitor.person
    async with desk.store.begin() as tx:
        before = await tx.candidates.get(callback_data.id)
        now = await tx.candidates.ask(callback_data.id, f"{person.name} ({person.chat_id})", desk.clock.now())
        tx.notify("candidates")
    if before is None or now is None:
        await query.answer(say.bare(choosing.NO_SUCH_BUTTON))
        return
    is_new = before.state in (CandidateState.FOUND, CandidateState.FAILED)
    words = say.bare(choosing.WILL_BE_WATCHED if is_new else choosing.WATCHED_ALREADY, handle=now.handle)
    await query.answer(shortened(words, LONGEST_ANSWER), show_alert=is_new)
    if isinstance(query.message, Message):
        keys = without(query.message.reply_markup, callback_data.pack())
        with suppress(TelegramBadRequest):  # it has gone already, or the message is too old
            await query.message.edit_reply_markup(reply_markup=keys)


def make_router() -> Router:
    router = Router(name="candidate")
    router.callback_query.register(watch, Watch.filter(), flags=for_role(Role.OPS))
    return router
