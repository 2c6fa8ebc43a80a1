"""What may be behind a drop of a channel besides the channel itself: what silences many, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from alerts import evidence as told
from alerts.departure import TELLING, Departure
from alerts.episodes import Case
from alerts.hours import hours, instant
from alerts.tracks import Announced
from domain.channel import Channel
from domain.episode import Episode, State, Subject
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.sentence import Country, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Something that explains a drop while it lasts."""

    verdict: Verdict  #: what it makes of the drop
    until: float | None  #: None: it lasts
    template: str  #: of the sentence that it is over and the drop goes on
    names: Mapping[str, str]  #: what that names

    def went_on(
        self, departure: Departure, observed: float, expected: float, at: float, least: float
    ) -> bool:
        """Has the drop outlived it at `at`, by when `observed` of `expected` posts have come since?

        Nothing is said of it for the first `least` hours, and while too few were to come.
        """
        if self.until is None or at < self.until + least or expected < TELLING:
            return False
        return not departure.is_over(round(observed), expected)

    def outlived(self, observed: float, expected: float) -> str:
        """That it has, in a sentence."""
        assert self.until is not None  # noqa: S101 - what lasts is not outlived
        n, all_ = round(observed), round(expected)
        return Sentence(self.template, **self.names, end=instant(self.until), n=n, expected=all_)


def of_many(
    live: Mapping[Case, Episode], over: Mapping[Case, Episode], channel: Channel, departure: Departure
) -> Excuse | None:
    """The silence of everyone, of the channel's country or of its group into which its drop falls.

    `live` and `over` are the episodes under way, and of each case the last that is over. A drop that was
    found before they were silent is none of theirs.
    """
    found: list[Excuse] = []
    for subject, template, names in _larger(channel):
        case = (Kind.SILENCE, subject)
        for episode in (live.get(case), over.get(case)):
            if episode is None or episode.state is State.PENDING or hours(episode.since_at) > departure.found:
                continue
            until = None if episode.closed_at is None else hours(episode.closed_at)
            if until is None or until > departure.since:
                found.append(Excuse(verdict=_verdict(episode), until=until, template=template, names=names))
    return max(found, key=lambda each: float("inf") if each.until is None else each.until, default=None)


def of_pause(
    announced: Announced | None, watched: str, said: str, departure: Departure, at: float
) -> Excuse | None:
    """The pause that the channel announced, be it that posts still come; `said` says that it did."""
    if announced is None or announced.at > departure.found:
        return None
    verdict = Verdict.explained(Cause.ANNOUNCED, watched, said)
    until = None if at < announced.until else announced.until
    return Excuse(verdict=verdict, until=until, template=told.OUTLIVED_PAUSE, names={})


def _larger(channel: Channel) -> list[tuple[Subject, str, dict[str, str]]]:
    them: list[tuple[Subject, str, dict[str, str]]] = [(Subject(), told.OUTLIVED_EVERYONE, {})]
    if channel.country:
        names: dict[str, str] = {"country": Country(channel.country)}
        them.append((Subject(country=channel.country), told.OUTLIVED_COUNTRY, names))
    if channel.group:
        them.append((Subject(group=channel.group), told.OUTLIVED_GROUP, {"group": channel.group}))
    return them


def _verdict(episode: Episode) -> Verdict:
    """What is said of many explains the one; unless it turned out that we were blind to all of them."""
    verdict = episode.verdict
    return verdict if verdict.ruling is Ruling.BLIND else replace(verdict, ruling=Ruling.EXPLAINED)
