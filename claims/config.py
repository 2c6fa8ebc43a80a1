"""What can be set about reading: the topics."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from claims.topics import WordTopics
from domain.budget import LEAST, MOST
from domain.errors import DeadairError


class TopicConfig(BaseModel):
    """`[topics.NAME]`: a subject whose coverage is watched as a series of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...] = Field(
        default=(),
        description="Words and phrases, in any of the languages; a post with one is about this topic.",
    )
    any_of: tuple[str, ...] = Field(
        default=(),
        description="Topics of the lexicon; a post about one of them is about this one too. "
        "`deadair lexicon show` names them.",
    )
    budget: float | None = Field(
        default=None,
        ge=LEAST,
        le=MOST,
        description="False alarms a month you accept of this topic in each channel. Unset: its part of what "
        "[alerts.silence] accepts of all topics and claimants of a channel together.",
    )


class ClaimsConfig(BaseModel):
    """`[claims]`: how posts are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lexicon: tuple[str, ...] = Field(
        default=(),
        description="Files of your own that are laid over the lexicon: TOML, paths relative to this file.",
    )
    batch: int = Field(
        default=1000, ge=1, le=20000, description="How many posts are read and stored in one transaction."
    )
    helpers: int | None = Field(
        default=None,
        ge=0,
        le=64,
        description="Processes that help to read while much is unread, as after a long history was fetched; "
        "each takes some 60 MB until all is read. 0: none. Unset: one for each core but the first, four at "
        "most.",
    )
    poll: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="Seconds between looks for unread posts when no notice comes.",
    )


class TopicsSection(BaseModel):
    """All `[topics.NAME]` sections together: proves that every list can be matched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: dict[str, TopicConfig] = Field(default_factory=dict, description="The topics by name.")

    @field_validator("topics")
    @classmethod
    def _can_be_matched(cls, topics: dict[str, TopicConfig]) -> dict[str, TopicConfig]:
        try:
            word_topics(topics)
        except DeadairError as e:
            raise ValueError(f"{e.what}. {e.hint}") from e
        return topics


def word_topics(topics: dict[str, TopicConfig]) -> WordTopics:
    """The matcher of the configured topics. Raises DeadairError that names the faulty entry."""
    return WordTopics(
        {name: topic.words for name, topic in topics.items()},
        {name: topic.any_of for name, topic in topics.items()},
    )
