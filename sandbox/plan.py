"""What a scenario will do, item by item, in order of time. Pure, and the same for the same seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from domain.post import Forward, Media
from sandbox.rhythm import WAKING, Beat, beats
from sandbox.scenario import Happens, Scenario, ScenarioChannel
from sandbox.wording import Writer

ALBUM_SIZE = 3
EDIT_AFTER = timedelta(minutes=12)
DELETE_AFTER = timedelta(minutes=45)

#: What takes effect through the rhythm of posting, not by a deed.
RHYTHMIC = {"topic_stops", "topic_resumes", "falls_silent", "resumes", "surge", "drop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A post to be published; `number` names it for a later edit or deletion."""

    at: datetime
    channel: str
    number: int
    text: str
    topic: str
    media: tuple[Media, ...] = ()  #: more than one makes an album
    forward: Forward | None = None
    views: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """A published post gets another text, or is taken away (`text` None)."""

    at: datetime
    channel: str
    number: int
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Befall:
    """Something of `[[happens]]` begins, or is over."""

    at: datetime
    happens: Happens
    is_over: bool = False


Item = Publish | Amend | Befall


def history(scenario: Scenario) -> list[Publish]:
    """The posts from before the live part, in order of time."""
    out: list[Publish] = []
    for channel in scenario.channel:
        start = scenario.starts - scenario.history
        author = _Author(scenario, channel, "history")
        out.extend(author.posts(start, scenario.starts))
    out.sort(key=lambda item: item.at)
    return out


def live(scenario: Scenario) -> list[Item]:
    """All that happens in the live part, in order of time."""
    out: list[Item] = []
    for channel in scenario.channel:
        author = _Author(scenario, channel, "live")
        posts = author.posts(scenario.starts, scenario.ends)
        out.extend(posts)
        out.extend(author.amendments(posts, scenario.ends))
    for happens in scenario.happens:
        if happens.what in RHYTHMIC:
            continue
        at = scenario.starts + happens.at
        out.append(Befall(at=at, happens=happens))
        if happens.lasts is not None:
            out.append(Befall(at=at + happens.lasts, happens=happens, is_over=True))
    out.sort(key=lambda item: item.at)
    return out


def _stream(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - it must come out the same every time


class _Author:
    """One channel's hand: its rhythm, its subjects, its habits, each from a random stream of its own."""

    def __init__(self, scenario: Scenario, channel: ScenarioChannel, part: str) -> None:
        seed = f"{scenario.seed}:{channel.key}:{part}"
        self._rhythm, self._habits = _stream(f"{seed}:rhythm"), _stream(f"{seed}:habits")
        self._subjects = _stream(f"{seed}:subjects")
        self._writer = Writer(scenario, _stream(f"{seed}:words"))
        self._scenario, self._channel = scenario, channel
        self._happens = [h for h in scenario.happens if channel in scenario.members(h)]
        self._others = [c for c in scenario.channel if c is not channel]

    def posts(self, start: datetime, end: datetime) -> list[Publish]:
        c = self._channel
        found = beats(
            self._rhythm,
            per_day=c.per_day,
            start=start,
            end=end,
            zone=c.zone or self._scenario.zone,
            hours=c.hours or self._scenario.hours or WAKING,
            weekdays=c.weekdays,
            clustering=c.clustering,
            factor=self._factor() if self._happens else lambda _: 1.0,
        )
        subjects: dict[int, str] = {}
        return [self._publish(n, beat, subjects) for n, beat in enumerate(found)]

    def amendments(self, posts: Sequence[Publish], end: datetime) -> list[Amend]:
        """Some posts are edited later, some taken away."""
        out: list[Amend] = []
        for post in posts:
            draw = self._habits.random()
            if draw < self._channel.deleted:
                at, text = post.at + DELETE_AFTER, None
            elif draw < self._channel.deleted + self._channel.edited:
                at, text = post.at + EDIT_AFTER, post.text + "\n✎"
            else:
                continue
            if at < end:
                out.append(Amend(at=at, channel=post.channel, number=post.number, text=text))
        return out

    def _publish(self, number: int, beat: Beat, subjects: dict[int, str]) -> Publish:
        c = self._channel
        topic = subjects.get(beat.cluster)
        if topic is None or topic in self._stopped(beat.at):
            topic = subjects[beat.cluster] = self._subject(beat.at)
        draw = self._habits.random()
        media: tuple[Media, ...] = ()
        if draw < c.albums:
            media = tuple(self._photo() for _ in range(ALBUM_SIZE))
        elif draw < c.albums + c.photos:
            media = (self._photo(),)
        forward = None
        if self._others and self._habits.random() < c.reposts:
            source = self._habits.choice(self._others)
            forward = Forward(name=source.title, posted_at=beat.at - timedelta(minutes=5))
        return Publish(
            at=beat.at,
            channel=c.key,
            number=number,
            text=self._writer.write(topic, c.language),
            topic=topic,
            media=media,
            forward=forward,
            views=max(1, int(c.audience * self._habits.uniform(0.05, 0.4))),
        )

    def _photo(self) -> Media:
        file, size = self._habits.getrandbits(56), self._habits.randint(40_000, 200_000)
        return Media(kind="photo", file_id=str(file), size=size, width=1280, height=720)

    def _subject(self, at: datetime) -> str:
        """By the topics' shares; those of a topic that stopped go to the others."""
        stopped = self._stopped(at)
        left = {name: share for name, share in self._channel.topics.items() if name not in stopped and share}
        if not left:
            left = self._channel.topics
        return self._subjects.choices(list(left), list(left.values()))[0]

    def _stopped(self, at: datetime) -> set[str]:
        stopped: set[str] = set()
        for happens in self._happens:
            if happens.topic is not None and self._acts(happens, at):
                if happens.what == "topic_stops":
                    stopped.add(happens.topic)
                elif happens.what == "topic_resumes":
                    stopped.discard(happens.topic)
        return stopped

    def _factor(self) -> Callable[[datetime], float]:
        ordered = sorted(self._happens, key=lambda h: h.at)

        def factor(at: datetime) -> float:
            now = 1.0
            for happens in ordered:
                if not self._acts(happens, at):
                    continue
                match happens.what:
                    case "falls_silent":
                        now = 0.0
                    case "resumes":
                        now = 1.0
                    case "surge" | "drop" if happens.factor is not None:
                        now *= happens.factor
            return now

        return factor

    def _acts(self, happens: Happens, at: datetime) -> bool:
        since = self._scenario.starts + happens.at
        return since <= at and (happens.lasts is None or at < since + happens.lasts)
