"""The buttons below an alert: acknowledge, snooze, posts, chart, wrong alarm, and an episode of a digest."""

from contextlib import suppress
from datetime import timedelta

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, CallbackQuery, LinkPreviewOptions, Message

from bot.access import Visitor
from bot.alert_keys import AskWrong, Seen, ShowChart, ShowEpisode, ShowPosts, Snooze, Wrong, fault_keys
from bot.desk import Desk
from bot.errors import Sent
from bot.letter import alert_buttons
from bot.looking import Told, posts_words, read_told
from bot.markup import split
from bot.middlewares import for_role
from bot.saying import say_at_briefly
from bot.sender import send
from bot.texts import answering
from domain.acknowledgement import Acknowledgement, Answer
from domain.episode import Alert, Move, State
from domain.opinion import Opinion, Says
from domain.subscription import Role

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_LONGEST_ANSWER = 200  #: of what Telegram shows above a chat


async def seen(query: CallbackQuery, callback_data: Seen, visitor: Visitor, desk: Desk) -> None:
    """Take note of an episode: it does not ring again because it goes on."""
    await _answer(query, callback_data.episode, Answer.SEEN, None, visitor, desk)


async def snooze(query: CallbackQuery, callback_data: Snooze, visitor: Visitor, desk: Desk) -> None:
    """Not to be rung about it for some hours, or until something about it changes."""
    if callback_data.hours > 0:
        span = timedelta(hours=min(callback_data.hours, 24 * 7))
        await _answer(query, callback_data.episode, Answer.SNOOZED, span, visitor, desk)
    else:
        await _answer(query, callback_data.episode, Answer.UNTIL_CHANGE, None, visitor, desk)


async def _answer(
    query: CallbackQuery, episode_id: int, said: Answer, span: timedelta | None, visitor: Visitor, desk: Desk
) -> None:
    say, now, chat = visitor.say, desk.clock.now(), visitor.chat.chat_id
    if not _may_speak_for(visitor):
        await _tell(query, say.bare(answering.NOT_FOR_GUESTS))
        return
    async with desk.store.begin() as tx:
        told = await read_told(tx, episode_id, chat)
        before = told.answer if told else None
        # Pressed once more, the same answer stands; a snooze that has run out is begun anew.
        again = before is not None and before.answer is said and (before.until is None or before.snoozes(now))
        if told is not None and told.episode.state is State.OPEN and not again:
            await tx.acknowledgements.add(
                Acknowledgement(
                    episode_id=episode_id,
                    chat_id=chat,
                    answer=said,
                    until=now + span if span else None,
                    by=_name(visitor),
                    at=now,
                )
            )
            told = await read_told(tx, episode_id, chat)
            tx.notify("acknowledgements")
    if told is None:
        await _tell(query, say.bare(answering.NO_SUCH_EPISODE))
        return
    if told.episode.state is not State.OPEN:
        at = say_at_briefly(told.episode.closed_at or now, visitor.zone, now, say)
        words = say.bare(answering.OVER_ALREADY, at=at)
    elif again and before is not None:
        at = say_at_briefly(before.at, visitor.zone, now, say)
        words = say.bare(answering.ACKNOWLEDGED_BEFORE, by=before.by, at=at)
    elif span is not None:
        words = say.bare(answering.SNOOZED, at=say_at_briefly(now + span, visitor.zone, now, say))
    else:
        seen_it = said is Answer.SEEN
        words = say.bare(answering.ACKNOWLEDGED if seen_it else answering.SNOOZED_UNTIL_CHANGE)
    await _tell(query, words)
    await _renew_keys(query, told, visitor)


async def show_posts(query: CallbackQuery, callback_data: ShowPosts, visitor: Visitor, desk: Desk) -> None:
    """The last posts of whom the episode is about, as a message of their own."""
    async with desk.store.read() as tx:
        told = await read_told(tx, callback_data.episode, visitor.chat.chat_id)
        words = await posts_words(tx, told, visitor.zone, visitor.say, desk.clock.now()) if told else None
    if told is None or words is None:
        missing = answering.NO_SUCH_EPISODE if told is None else answering.NO_POSTS
        await _tell(query, visitor.say.bare(missing))
        return
    await query.answer()
    if isinstance(query.message, Message):
        for piece in split(desk.labelled(words, visitor.say)):
            await query.message.reply(
                piece, link_preview_options=_NO_PREVIEW, allow_sending_without_reply=True
            )


async def show_chart(query: CallbackQuery, callback_data: ShowChart, visitor: Visitor, desk: Desk) -> None:
    """The chart of the last alert of an episode, as a picture of its own."""
    async with desk.store.read() as tx:
        told = await read_told(tx, callback_data.episode, visitor.chat.chat_id)
    if told is None:
        await _tell(query, visitor.say.bare(answering.NO_SUCH_EPISODE))
        return
    picture = await desk.letters.picture(told.alert, told.document, visitor.chat)
    if picture is None:
        await _tell(query, visitor.say.bare(answering.NO_CHART))
        return
    await query.answer()
    if isinstance(query.message, Message):
        file = BufferedInputFile(picture.png, "chart.png")
        await query.message.reply_photo(file, allow_sending_without_reply=True)


async def show_episode(
    query: CallbackQuery, callback_data: ShowEpisode, visitor: Visitor, desk: Desk
) -> None:
    """The whole alert of an episode that a digest has a line of; from now on that message tells of it."""
    now, chat = desk.clock.now(), visitor.chat.chat_id
    async with desk.store.read() as tx:
        told = await read_told(tx, callback_data.episode, chat)
        message_id = await tx.outbox.message_of(callback_data.episode, chat)
    if told is None:
        await _tell(query, visitor.say.bare(answering.NO_SUCH_EPISODE))
        return
    await query.answer()
    move = Move.REMINDED if told.episode.state is State.OPEN else told.alert.move
    alert = Alert(id=0, at=now, move=move, episode=told.episode)
    letter = await desk.letters.write(alert, told.document, visitor.chat, answer=told.answer)
    if query.bot is None:
        return
    done = await send(query.bot, chat, letter, message_id)
    if isinstance(done, Sent) and done.message_id != message_id:
        async with desk.store.begin() as tx:
            await tx.outbox.sent_outright(alert, told.document, chat, done.message_id, now)


async def ask_wrong(query: CallbackQuery, callback_data: AskWrong, visitor: Visitor, desk: Desk) -> None:
    """Ask why the alarm was wrong, or take the question back."""
    async with desk.store.read() as tx:
        told = await read_told(tx, callback_data.episode, visitor.chat.chat_id)
    if told is None:
        await _tell(query, visitor.say.bare(answering.NO_SUCH_EPISODE))
        return
    await query.answer()
    if not callback_data.on:
        await _renew_keys(query, told, visitor)
    elif isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it has gone, or shows them already
            await query.message.edit_reply_markup(reply_markup=fault_keys(told.episode.id, visitor.say))


async def wrong(query: CallbackQuery, callback_data: Wrong, visitor: Visitor, desk: Desk) -> None:
    """Keep that it was a false alarm, and why: the rhythm and `deadair tune` learn from it."""
    say, fault = visitor.say, callback_data.fault
    async with desk.store.begin() as tx:
        told = await read_told(tx, callback_data.episode, visitor.chat.chat_id)
        said = await tx.opinions.of(callback_data.episode) if told else []
        again = bool(said) and (said[-1].says, said[-1].fault, said[-1].by) == (
            Says.WRONG,
            fault,
            _name(visitor),
        )
        if told is not None and not again:
            await tx.opinions.add(
                Opinion(
                    episode_id=told.episode.id,
                    at=desk.clock.now(),
                    says=Says.WRONG,
                    by=_name(visitor),
                    fault=fault,
                )
            )
            tx.notify("opinions")
    if told is None:
        await _tell(query, say.bare(answering.NO_SUCH_EPISODE))
        return
    template = answering.WRONG_NOTED if told.episode.state is State.CLOSED else answering.WRONG_NOT_OVER
    reason = say.bare(answering.FAULTS[fault.value])
    await _tell(query, say.bare(answering.WRONG_NOTED_BEFORE if again else template, reason=reason))
    await _renew_keys(query, told, visitor)


async def _renew_keys(query: CallbackQuery, told: Told, visitor: Visitor) -> None:
    """Let the buttons say how things stand now."""
    if isinstance(query.message, Message):
        now = Alert(id=0, at=told.alert.at, move=told.alert.move, episode=told.episode)
        keys = alert_buttons(now, told.payload, visitor.chat, told.answer)
        with suppress(TelegramBadRequest):  # nothing has changed, or the message is gone
            await query.message.edit_reply_markup(reply_markup=keys)


async def _tell(query: CallbackQuery, words: str) -> None:
    with suppress(TelegramBadRequest):  # pressed so long ago that Telegram waits for no answer any more
        await query.answer(words[:_LONGEST_ANSWER])


def _may_speak_for(visitor: Visitor) -> bool:
    """For oneself always; for a group only who may do more than read there."""
    own = visitor.person.chat_id == visitor.chat.chat_id
    return own or visitor.person.role.at_least(Role.ANALYST)


def _name(visitor: Visitor) -> str:
    return f"{visitor.person.name} ({visitor.person.chat_id})"


def make_router() -> Router:
    router = Router(name="alert")
    guest, analyst = for_role(Role.GUEST), for_role(Role.ANALYST)
    router.callback_query.register(seen, Seen.filter(), flags=guest)
    router.callback_query.register(snooze, Snooze.filter(), flags=guest)
    router.callback_query.register(show_posts, ShowPosts.filter(), flags=guest)
    router.callback_query.register(show_chart, ShowChart.filter(), flags=guest)
    router.callback_query.register(show_episode, ShowEpisode.filter(), flags=guest)
    router.callback_query.register(ask_wrong, AskWrong.filter(), flags=analyst)
    router.callback_query.register(wrong, Wrong.filter(), flags=analyst)
    return router
