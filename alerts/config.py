"""`[alerts]` of config.toml: what is worth an alert, and when."""

from datetime import timedelta

from pydantic import BaseModel, Field

from domain.budget import LEAST, MOST
from storage.span import Span


class SilenceRule(BaseModel, extra="forbid", frozen=True):
    """`[alerts.silence]`: when no post, of a channel or of one topic or claimant of it, is news."""

    budget: float = Field(
        0.25,
        ge=LEAST,
        le=MOST,
        description="False alarms you accept per channel and month, and as many again for its topics and "
        "claimants, all together; smaller is slower.",
    )
    at_least: Span = Field(timedelta(hours=1), description="A shorter silence is never told.")
    hold: Span = Field(
        timedelta(minutes=15), description="How long a silence must last on, once found, before it is told."
    )
    escalate_after: Span = Field(
        timedelta(hours=12),
        description="A silence that has become a thousand times less probable since it was told, or four "
        "times as long, is told once more, at the earliest after this; that of a topic or claimant after "
        "seven times this. `0s`: never.",
    )
    announced_for: Span = Field(
        timedelta(days=3),
        description="A pause that the channel announced explains its silence until when its words say; where "
        "they do not, for so long. After that it is judged again. `0s`: for as long as it lasts.",
    )
    release: int = Field(
        3,
        ge=1,
        le=50,
        description="Posts in the channel's own rhythm that end a silence; one alone does not.",
    )
    ripe_after: Span = Field(
        timedelta(days=14),
        description="Watched history a channel needs before it is judged by its own rhythm.",
    )
    ripe_posts: int = Field(30, ge=5, description="Posts a channel needs for the same.")
    habit_posts: int = Field(
        20, ge=5, description="Posts within eight weeks a topic or claimant needs before its silence is news."
    )
    habit_days: int = Field(7, ge=1, description="Distinct days on which those posts must have come.")
    habit_for: Span = Field(
        timedelta(days=21), description="How long a channel must have had the topic or claimant."
    )


class DropRule(BaseModel, extra="forbid", frozen=True):
    """`[alerts.drop]`: when far fewer posts of a channel than usual are news."""

    budget: float = Field(
        0.25,
        ge=LEAST,
        le=MOST,
        description="False alarms you accept per channel and month; smaller is slower.",
    )
    at_least: Span = Field(timedelta(hours=3), description="A shorter drop is never told.")
    hold: Span = Field(
        timedelta(minutes=15), description="How long a drop must last on, once found, before it is told."
    )
    escalate_after: Span = Field(
        timedelta(days=2), description="One that goes on for so long is told once more. `0s`: never."
    )
    renew: Span = Field(
        timedelta(days=7),
        description="After so long with fewer posts, or with more, that is the channel's rhythm.",
    )


class SurgeRule(BaseModel, extra="forbid", frozen=True):
    """`[alerts.surge]`: when far more posts of a channel than usual are news."""

    budget: float = Field(
        0.25,
        ge=LEAST,
        le=MOST,
        description="False alarms you accept per channel and month; smaller is slower.",
    )
    at_least: Span = Field(timedelta(minutes=30), description="A shorter surge is never told.")
    hold: Span = Field(
        timedelta(minutes=15), description="How long a surge must last on, once found, before it is told."
    )
    escalate_after: Span = Field(
        timedelta(days=1), description="One that goes on for so long is told once more. `0s`: never."
    )


class GroupRule(BaseModel, extra="forbid", frozen=True):
    """`[alerts.group]`: when channels of one group that fall silent together are told as one."""

    least: int = Field(3, ge=2, description="Channels that must be quiet.")
    share: float = Field(
        0.5, gt=0, le=1, description="Which part of the group's channels that can be seen must be quiet."
    )
    quiet: float = Field(
        0.05, gt=0, lt=0.5, description="A channel counts as quiet when so long a pause is this improbable."
    )
    hold: Span = Field(
        timedelta(minutes=10),
        description="How long a silence of many must last on, once found, before it is told. Those of single "
        "channels wait for it.",
    )
    within: Span = Field(
        timedelta(days=2),
        description="A channel silent for longer than this did not fall silent with the others.",
    )


class BlindRule(BaseModel, extra="forbid", frozen=True):
    """`[alerts.blind]`: when it is we who cannot see."""

    after: Span = Field(
        timedelta(minutes=20), description="Unwatched for so long, a channel counts as out of our sight."
    )


class AlertsConfig(BaseModel, extra="forbid", frozen=True):
    """`[alerts]`"""

    topics: tuple[str, ...] = Field(
        ("conflict",),
        description="Topics of the lexicon that are judged. Your own [topics.NAME] and claimants always are.",
    )
    calendars: tuple[str, ...] = Field(
        ("exams", "islamic", "persian"),
        description="Times of the year in which less, more or later than usual is ordinary: by name those "
        "that ship with the program, by path files of your own. Most hold in some countries only.",
    )
    outages: tuple[str, ...] = Field(
        (),
        description="Files or addresses of internet outages, as IODA or OONI give them in JSON, that may "
        "confirm the cut of a country. In an address, {from} and {until} become seconds since 1970. A key in "
        "an address is never shown.",
        repr=False,
    )
    outages_every: Span = Field(
        timedelta(minutes=10), description="How often to look there; not more often than anyone minds."
    )
    poll: Span = Field(
        timedelta(seconds=30), description="How often to look for new posts when no notice of them arrives."
    )
    again_within: Span = Field(
        timedelta(hours=12),
        description="What begins again within so long of its end is the same episode; from then on its end "
        "is told only when it has kept away for as long.",
    )
    claims_within: Span = Field(
        timedelta(hours=12),
        description="A claim is told only within so long of its first post: history that is read is no news.",
    )
    silence: SilenceRule = SilenceRule()
    drop: DropRule = DropRule()
    surge: SurgeRule = SurgeRule()
    group: GroupRule = GroupRule()
    blind: BlindRule = BlindRule()
