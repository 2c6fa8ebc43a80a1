"""What was set while running, carried into the text of config.toml: comments and order stay as they are.

Pure: a text in, a text out, with a line for each change. What comes out is proved to say what counts now.
"""

from dataclasses import dataclass
from typing import Any

from collector.config import ChannelConfig
from collector.entries import key_of
from deadair.config import FILE, Config, ConfigError, parse
from deadair.origins import added
from deadair.sections import CHANNELS, appended, commented_out, topic_header, with_budget
from deadair.settings import is_of
from deadair.tuned import SetBudget, Tuned
from deadair.written import written
from domain.wanted import Watching


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The new text, what is new in it, and what cannot stand in a config."""

    text: str
    changes: tuple[str, ...]
    left: tuple[str, ...]


def carry(text: str, tuned: Tuned, name: str = FILE) -> Carried:
    """Raises ConfigError when the text is of no use, or cannot be changed without changing more than that."""
    before = parse(text, name)
    changes: list[str] = []
    left: list[str] = []
    wanted = before
    new = text
    for want in tuned.wants:
        configured = {key_of(c) for c in wanted.channels}
        called = f"@{want.handle}" if want.handle else want.key
        if want.wanted is Watching.PAUSED:
            left.append(f"{called} is paused by {want.asked_by}: a config knows no pause, so it stays so")
        elif want.wanted is Watching.RETIRED and want.key in configured:
            number = [key_of(c) for c in wanted.channels].index(want.key)
            why = f"{called}: retired by {_plain(want.asked_by)}, {want.asked_at:%Y-%m-%d}"
            new = commented_out(new, CHANNELS, number, why) or new
            wanted = _without(wanted, want.key)
            changes.append(f"[[channels]] {called}: commented out (retired by {want.asked_by})")
        elif want.wanted is Watching.WATCHED and want.key not in configured:
            try:
                channel = ChannelConfig.model_validate(added(want))
            except ValueError:
                left.append(f"{called}, asked for by {want.asked_by}: it cannot be watched")
                continue
            why = f"added by {_plain(want.asked_by)}, {want.asked_at:%Y-%m-%d}"
            new = appended(new, CHANNELS, _written_out(added(want), why))
            wanted = wanted.model_copy(update={"channels": (*wanted.channels, channel)})
            changes.append(f"[[channels]] {called}: new (added by {want.asked_by})")
    for saved in tuned.budgets:
        made = _with_budget(new, wanted, saved, tuned)
        if isinstance(made, str):
            left.append(made)
        elif made is not None:
            new, wanted, change = made
            changes.append(change)
    if changes and not _says(new, wanted):
        raise ConfigError(
            f"{name} cannot be changed without changing more than what was set while running",
            hint="write what `deadair config show` tells into it by hand",
        )
    return Carried(text=new, changes=tuple(changes), left=tuple(left))


def _says(text: str, config: Config) -> bool:
    try:
        return parse(text) == config
    except ConfigError:
        return False


# -- budgets


def _with_budget(
    text: str, config: Config, saved: SetBudget, tuned: Tuned
) -> tuple[str, Config, str] | str | None:
    """The text and config with it and what to say of it; a reason why not; None: it stands there already."""
    by = f" (set by {saved.by})" if saved.by else ""
    if saved.topic is not None:
        topic = config.topics.get(saved.topic)
        if topic is None:
            return (
                f"the budget {saved.budget:g} of topic {saved.topic}: [topics.{saved.topic}] is not there; "
                f'with any_of = ["{saved.topic}"] it becomes a topic of yours'
            )
        if topic.budget == saved.budget:
            return None
        new = with_budget(text, topic_header(saved.topic), 0, saved.budget) or text
        topics = {**config.topics, saved.topic: topic.model_copy(update={"budget": saved.budget})}
        change = f"[topics.{saved.topic}] budget = {saved.budget:g}, was {_said(topic.budget)}{by}"
        return new, config.model_copy(update={"topics": topics}), change
    channel = saved.channel
    assert channel is not None  # noqa: S101 - a budget is of a topic or of a channel
    for number, given in enumerate(config.channels):
        if tuned.found.get(key_of(given)) != channel and not is_of(given.handle, given.id, channel):
            continue
        if given.budget == saved.budget:
            return None
        new = with_budget(text, CHANNELS, number, saved.budget) or text
        channels = list(config.channels)
        channels[number] = given.model_copy(update={"budget": saved.budget})
        change = f"[[channels]] {given.name}: budget = {saved.budget:g}, was {_said(given.budget)}{by}"
        return new, config.model_copy(update={"channels": tuple(channels)}), change
    return f"the budget {saved.budget:g} of {channel.name}: no [[channels]] section names it"


def _said(budget: float | None) -> str:
    return "not set" if budget is None else f"{budget:g}"


def _written_out(section: dict[str, Any], why: str) -> str:
    lines = [f"{key} = {written(value)}" for key, value in section.items()]
    return "\n".join([f"# {why}", "[[channels]]", *lines]) + "\n"


def _plain(name: str) -> str:
    """A name that people chose, without what would end a comment."""
    return "".join(c for c in name if c.isprintable())


def _without(config: Config, key: str) -> Config:
    return config.model_copy(update={"channels": tuple(c for c in config.channels if key_of(c) != key)})
