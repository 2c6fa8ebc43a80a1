"""What the config sets for single channels and topics: budgets, and the calendars that hold for them."""

from alerts.budgets import Budgets
from alerts.calendars.load import load
from alerts.calendars.season import Calendars
from deadair.config import Config


def budgets_of(config: Config) -> Budgets:
    """As `budget` and `calendar` of `[[channels]]`, `[topics.NAME] budget` and `[alerts] calendars` say.

    Raises CalendarError for a calendar that cannot be used.
    """
    return Budgets(
        channels={
            (channel.handle or str(channel.id)).casefold(): channel.budget
            for channel in config.channels
            if channel.budget is not None
        },
        topics={name: topic.budget for name, topic in config.topics.items() if topic.budget is not None},
        calendars=calendars_of(config),
    )


def calendars_of(config: Config) -> Calendars:
    """The periods of every calendar that the config names. Raises CalendarError."""
    return Calendars(
        everywhere=load(config.alerts.calendars),
        channels={
            (channel.handle or str(channel.id)).casefold(): load(channel.calendar)
            for channel in config.channels
            if channel.calendar is not None
        },
    )
