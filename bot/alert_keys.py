"""The buttons below an alert. Each names its episode: pressed late or twice, it does no harm."""

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.say import Say
from bot.texts import answering
from domain.acknowledgement import Acknowledgement, Answer
from domain.episode import Episode, State
from domain.finding import Kind
from domain.opinion import Fault

#: The spans that a snooze is offered for, in hours.
SNOOZES = (1, 8)


class Seen(CallbackData, prefix="a"):
    """Acknowledge."""

    episode: int


class Snooze(CallbackData, prefix="z"):
    """Not before so many hours; 0: not before it changes."""

    episode: int
    hours: int


class ShowPosts(CallbackData, prefix="q"):
    """Show the last posts."""

    episode: int


class ShowChart(CallbackData, prefix="c"):
    """Show the chart as a picture of its own."""

    episode: int


class ShowEpisode(CallbackData, prefix="v"):
    """Show the whole alert, of which a digest has a line."""

    episode: int


class AskWrong(CallbackData, prefix="f"):
    """Offer the reasons for which an alarm can be wrong (on), or take the offer back."""

    episode: int
    on: bool


class Wrong(CallbackData, prefix="g"):
    """It was a false alarm, for this reason."""

    episode: int
    fault: Fault


def alert_keys(
    episode: Episode,
    answer: Acknowledgement | None,
    say: Say,
    more: InlineKeyboardMarkup | None = None,
) -> InlineKeyboardMarkup | None:
    """What can be done about this episode as it stands; `more` are buttons that go above."""
    rows = list(more.inline_keyboard) if more else []
    number = episode.id
    goes_on = episode.state is State.OPEN
    if goes_on:
        seen = _button(say, answering.ACKNOWLEDGE, Seen(episode=number), ticked=_is(answer, Answer.SEEN))
        rows.append([seen])
        snoozes = [
            _button(
                say,
                answering.SNOOZE,
                Snooze(episode=number, hours=hours),
                ticked=answer is not None and answer.until is not None and _hours(answer) == hours,
                n=hours,
            )
            for hours in SNOOZES
        ]
        change = _button(
            say,
            answering.SNOOZE_UNTIL_CHANGE,
            Snooze(episode=number, hours=0),
            ticked=_is(answer, Answer.UNTIL_CHANGE),
        )
        rows.append([*snoozes, change])
    if episode.kind is Kind.BLIND:  # of our own sight there are no posts to show, and no false alarm
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
    looks = [_button(say, answering.SHOW_POSTS, ShowPosts(episode=number))]
    if episode.kind not in (Kind.CLAIM, Kind.CHANNEL):
        looks.append(_button(say, answering.SHOW_CHART, ShowChart(episode=number)))
    rows.append(looks)
    if episode.kind is not Kind.CHANNEL:  # that is no matter of a rhythm, from which one could learn
        rows.append([_button(say, answering.WRONG_ALARM, AskWrong(episode=number, on=True))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def fault_keys(episode: int, say: Say) -> InlineKeyboardMarkup:
    """Why it was a false alarm."""
    rows = [
        [_button(say, answering.FAULTS[fault.value], Wrong(episode=episode, fault=fault))] for fault in Fault
    ]
    rows.append([_button(say, answering.NOT_WRONG, AskWrong(episode=episode, on=False))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def digest_keys(episodes: list[int], say: Say) -> InlineKeyboardMarkup | None:
    """One button for each episode of a digest that goes on, two in a row."""
    buttons = [_button(say, answering.SHOW_EPISODE, ShowEpisode(episode=e), id=e) for e in episodes[:12]]
    rows = [buttons[n : n + 2] for n in range(0, len(buttons), 2)]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _button(
    say: Say, label: str, data: CallbackData, *, ticked: bool = False, **values: object
) -> InlineKeyboardButton:
    text = say.bare(label, **values)
    return InlineKeyboardButton(text=f"✓ {text}" if ticked else text, callback_data=data.pack())


def _is(answer: Acknowledgement | None, said: Answer) -> bool:
    return answer is not None and answer.answer is said


def _hours(answer: Acknowledgement) -> int:
    return round((answer.until - answer.at).total_seconds() / 3600) if answer.until else 0
