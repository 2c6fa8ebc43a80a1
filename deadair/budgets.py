"""The budgets that the config gives to single channels and topics."""

from alerts.budgets import Budgets
from deadair.config import Config


def budgets_of(config: Config) -> Budgets:
    """As `[[channels]] budget` and `[topics.NAME] budget` say."""
    return Budgets(
        channels={
            (channel.handle or str(channel.id)).casefold(): channel.budget
            for channel in config.channels
            if channel.budget is not None
        },
        topics={name: topic.budget for name, topic in config.topics.items() if topic.budget is not None},
    )
