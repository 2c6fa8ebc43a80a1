"""The parts of an alert's words, each as long as asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from bot.claiming import claim_headline, claim_parts
from bot.markup import Html, bold, clean, foreign, html, joined, link
from bot.payload import LastPost, Member, Payload
from bot.say import ENGLISH, Say
from bot.saying import say_at, say_at_briefly, say_chance, say_country, say_expected, say_sentence, say_span
from bot.texts import alerting, befalling, common, hushing
from domain.episode import Alert, Episode, Move, State
from domain.finding import Cause, Kind, Ruling

_ICONS = {
    Kind.SILENCE: "🔇",
    Kind.DROP: "📉",
    Kind.SURGE: "📈",
    Kind.BLIND: "🙈",
    Kind.CHANNEL: "⚠️",
    Kind.TEST: "🔔",
    Kind.CLAIM: "💥",
}
_GRAVER = "⏫"
LONGEST_NAME = 80
LONGEST_EVIDENCE = 300
_BEFELL = {
    "banned": befalling.BEFELL_BANNED,
    "private": befalling.BEFELL_PRIVATE,
    "deleted": befalling.BEFELL_DELETED,
    "restricted": befalling.BEFELL_RESTRICTED,
    "hidden": befalling.BEFELL_HIDDEN,
    "unresolved": befalling.BEFELL_UNRESOLVED,
    "gone": befalling.BEFELL_GONE,
    "renamed": befalling.BEFELL_RENAMED,
    "handle_changed": befalling.BEFELL_HANDLE_CHANGED,
    "handle_dropped": befalling.BEFELL_HANDLE_DROPPED,
    "handle_taken": befalling.BEFELL_HANDLE_TAKEN,
    "marked": befalling.BEFELL_MARKED,
    "migrated": befalling.BEFELL_MIGRATED,
    "audience_jumped": befalling.BEFELL_JUMPED,
    "audience_fell": befalling.BEFELL_FELL,
    "purged": befalling.BEFELL_PURGED,
    "candidate": befalling.BEFELL_CANDIDATE,
    "back": befalling.BEFELL_BACK,
    "found": befalling.BEFELL_FOUND,
    "paused": befalling.BEFELL_PAUSED,
    "retired": befalling.BEFELL_RETIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom it is written."""

    zone: ZoneInfo
    say: Say = ENGLISH


class _End(Enum):
    """How an episode ended; its icon."""

    BACK = "✅"
    WITHDRAWN = "↩️"  #: we could not have seen: what was told is taken back
    UNREADABLE = "⚠️"  #: the channel is gone, so that nobody can say

    @property
    def icon(self) -> str:
        return str(self.value)


class Telling:
    """One alert, told to one reader."""

    def __init__(self, alert: Alert, payload: Payload, reader: Reader) -> None:
        self.alert, self.payload, self.reader = alert, payload, reader
        self.say, self.zone = reader.say, reader.zone
        self.longest_name, self.longest_evidence = LONGEST_NAME, LONGEST_EVIDENCE

    @property
    def episode(self) -> Episode:
        return self.alert.episode

    def parts(
        self,
        *,
        n_members: int,
        n_evidence: int,
        n_posts: int,
        excerpt: int,
        longest_name: int = LONGEST_NAME,
        longest_evidence: int = LONGEST_EVIDENCE,
    ) -> list[Html]:
        self.longest_name, self.longest_evidence = longest_name, longest_evidence
        if self.episode.kind is Kind.CLAIM:
            return claim_parts(self, n_posts + n_members // 4, excerpt)
        lines = [Html(f"{self.icon} {bold(self.headline())}"), *self.what_happened(), *self.life()]
        if self.episode.kind is Kind.TEST:
            return [lines[0], self.say(hushing.TEST_WORDS)]
        if not self._is_over:
            lines += self.numbers()
            lines += self.verdict(n_evidence)
            lines += self.members(n_members)
            lines += self.last_posts(n_posts, excerpt)
        else:
            if self.episode.ended:
                lines.append(self._said(self.episode.ended))
            if self._end is _End.BACK and self.episode.kind is Kind.SILENCE:
                if not self.on_topic and not self.on_claims:
                    lines.append(self.say(alerting.BACKLOG))
                lines += self.last_posts(n_posts, excerpt)
        return lines

    @property
    def icon(self) -> str:
        """One look says what it is."""
        icon = self._end.icon if self._end else _ICONS[self.episode.kind]
        return f"{_GRAVER}{icon}" if self.alert.move is Move.ESCALATED else icon

    @property
    def _end(self) -> "_End | None":
        """How it ended, if it did."""
        if not self._is_over:
            return None
        verdict = self.episode.verdict
        if verdict.ruling is Ruling.BLIND and self.episode.kind is not Kind.BLIND:
            return _End.WITHDRAWN
        if verdict.cause is Cause.CHANNEL_GONE and self.episode.kind is not Kind.CHANNEL:
            return _End.UNREADABLE
        return _End.BACK

    @property
    def _is_over(self) -> bool:
        """Is this the end of it, or is what is over revised? A claim is told of a moment, and never over."""
        if self.episode.kind is Kind.CLAIM:
            return False
        is_revised = self.alert.move is Move.GREW and self.episode.state is State.CLOSED
        return self.alert.move is Move.CLOSED or is_revised

    # -- who

    def who(self) -> Html:
        """The channel the alert is about, by title and handle."""
        if self.payload.channel is not None:
            return self.name(self.payload.channel)
        if self.payload.title:
            return foreign(self.payload.title, self.longest_name)
        if self.payload.members:
            return self.say.listed([self.name(m) for m in self.payload.members[:3]])
        return foreign(str(self.episode.subject), self.longest_name)

    def name(self, member: Member, post_id: int | None = None) -> Html:
        title = foreign(member.title, self.longest_name)
        if url := member.url(post_id):
            return link(title, url)
        return title

    def topic(self) -> Html:
        return foreign(self.payload.topic or self.episode.subject.topic or "", self.longest_name)

    def claimant(self) -> Html:
        return foreign(self.payload.claimant or self.episode.subject.claimant or "", self.longest_name)

    @property
    def on_topic(self) -> bool:
        return bool(self.payload.topic or self.episode.subject.topic)

    @property
    def on_claims(self) -> bool:
        return bool(self.payload.claimant or self.episode.subject.claimant)

    def group(self) -> Html:
        return foreign(self.episode.subject.group or "", self.longest_name)

    def country(self) -> Html:
        return html(say_country(self.episode.subject.country or "", self.say))

    def n_channels(self) -> int:
        return len(self.payload.members) or len(self.episode.members)

    # -- what

    def headline(self) -> Html:
        episode, say, closed = self.episode, self.say, self._is_over
        many = episode.subject.channel_id is None
        if self._end in (_End.WITHDRAWN, _End.UNREADABLE):
            who = self.group() if many and episode.subject.group else self.who()
            who = self.country() if many and episode.subject.country else who
            if many and not (episode.subject.group or episode.subject.country):
                who = self.topic() if self.on_topic else say(common.EVERYTHING)
            template = alerting.WITHDRAWN if self._end is _End.WITHDRAWN else alerting.NOT_READABLE_NOW
            return say(template, who=who)
        match episode.kind:
            case Kind.SILENCE if many and episode.subject.group:
                if closed:
                    return say(alerting.BACK_GROUP, group=self.group())
                return say(alerting.SILENT_GROUP, n=self.n_channels(), group=self.group())
            case Kind.SILENCE if many and episode.subject.country:
                template = alerting.BACK_COUNTRY if closed else alerting.SILENT_COUNTRY
                return say(template, n=self.n_channels(), country=self.country())
            case Kind.SILENCE if many and self.on_topic:
                template = alerting.BACK_TOPIC_EVERYWHERE if closed else alerting.SILENT_TOPIC_EVERYWHERE
                return say(template, n=self.n_channels(), topic=self.topic())
            case Kind.SILENCE if many and self.n_channels():
                return say(alerting.BACK_MANY if closed else alerting.SILENT_MANY, n=self.n_channels())
            case Kind.SILENCE if self.on_topic:
                template = alerting.BACK_TOPIC if closed else alerting.SILENT_TOPIC
                return say(template, who=self.who(), topic=self.topic())
            case Kind.SILENCE if self.on_claims:
                template = alerting.BACK_CLAIMANT if closed else alerting.SILENT_CLAIMANT
                return say(template, who=self.who(), claimant=self.claimant())
            case Kind.SILENCE:
                return say(alerting.BACK if closed else alerting.SILENT, who=self.who())
            case Kind.BLIND if episode.subject.channel_id is not None:
                return say(alerting.SEES_CHANNEL_AGAIN if closed else alerting.BLIND_CHANNEL, who=self.who())
            case Kind.BLIND:
                return say(alerting.SEES_AGAIN if closed else alerting.BLIND)
            case Kind.CHANNEL:
                befell = _BEFELL.get(self.payload.status or "") if self.payload.change == "gone" else None
                befell = befell or _BEFELL.get(self.payload.change or "", befalling.BEFELL)
                return say(alerting.CHANNEL_BEFELL, what=say(befell), who=self.who())
            case Kind.DROP:
                return say(alerting.OVER if closed else alerting.DROPPED, who=self.who())
            case Kind.SURGE:
                return say(alerting.OVER if closed else alerting.SURGED, who=self.who())
            case Kind.CLAIM:
                return claim_headline(self)
            case Kind.TEST:
                return say(hushing.TEST_HEADLINE)

    def what_happened(self) -> list[Html]:
        episode, say = self.episode, self.say
        back, again = self._end is _End.BACK, episode.times > 1
        since = bold(self._at(episode.since_at if back else episode.begun_at))
        if self._end in (_End.WITHDRAWN, _End.UNREADABLE):
            template = alerting.WAS_WITHDRAWN if self._end is _End.WITHDRAWN else alerting.ENDED_UNREADABLE
            return [say(template, since=since, cause=self.cause())]
        if back:
            until = episode.closed_at or self.alert.at
            span = bold(say_span(until - episode.since_at, say))
            template = {
                Kind.SILENCE: self._of(alerting.LASTED, alerting.LASTED_TOPIC, alerting.LASTED_CLAIMANT),
                Kind.BLIND: alerting.LASTED_BLIND,
            }.get(episode.kind, alerting.LASTED_OTHER)
            if again:  # there were posts in between
                template = alerting.LASTED_OTHER
            ended = bold(self._at(until))
            return [say(template, span=span, since=since, until=ended, claimant=self.claimant())]
        span = bold(say_span(self.alert.at - episode.begun_at, say))
        match episode.kind:
            case Kind.SILENCE:
                template = self._of(
                    alerting.NOTHING_FOR, alerting.NOTHING_ON_TOPIC_FOR, alerting.NOTHING_CLAIMED_FOR
                )
                if episode.subject.channel_id is None:
                    template = (
                        alerting.NOTHING_ON_TOPIC_ANYWHERE if self.on_topic else alerting.NOTHING_TOGETHER_FOR
                    )
                return [say(template, span=span, since=since, claimant=self.claimant())]
            case Kind.BLIND:
                return [say(alerting.BLIND_FOR, since=since)]
            case Kind.CHANNEL:
                return [*self.befell(), say(alerting.SINCE, since=since)]
            case _:
                return [say(alerting.SINCE, since=since)]

    def life(self) -> list[Html]:
        """That it is told again, and that it comes and goes."""
        episode, say = self.episode, self.say
        lines = []
        if self.alert.move is Move.ESCALATED and episode.opened_at is not None:
            lasts = bold(say_span(self.alert.at - episode.opened_at, say))
            spread = say(alerting.SPREAD, n=len(episode.members))
            lines.append(spread if episode.kind is Kind.BLIND else say(alerting.ESCALATED, lasts=lasts))
        if episode.times > 1:
            since = self._at(episode.since_at)
            lines.append(say(alerting.TIMES, n=episode.times, since=since))
        return lines

    def _at(self, at: datetime) -> str:
        return say_at(at, self.zone, self.say, self.alert.at)

    def _of(self, channel: str, topic: str, claimant: str) -> str:
        """What is said of a channel, of a topic of it, or of the claims in it."""
        return topic if self.on_topic else claimant if self.on_claims else channel

    def befell(self) -> list[Html]:
        """What has become of a channel, and what that means."""
        change, before, after = self.payload.change or "", self.payload.before, self.payload.after
        nothing = self.say(befalling.NOTHING)
        values = {
            "before": foreign(before, LONGEST_NAME) if before else nothing,
            "after": foreign(after, LONGEST_NAME) if after else nothing,
        }
        if change in befalling.TOLD:
            lines = [self.say(befalling.TOLD[change], **values)]
        elif change in ("gone", "back"):
            lines = []  # the headline says it: before and after are its status
        elif before and after:
            lines = [self.say(befalling.WAS_NOW, **values)]
        elif before or after:
            lines = [self.say(befalling.WAS if before else befalling.IS_NOW, **values)]
        else:
            lines = []
        means = befalling.MEANS.get((self.payload.status or "") if change == "gone" else change)
        return [*lines, self.say(means)] if means else lines

    def numbers(self) -> list[Html]:
        """Observed beside expected, and how improbable: only where something was counted."""
        episode, say = self.episode, self.say
        if episode.kind not in (Kind.SILENCE, Kind.DROP, Kind.SURGE) or episode.expected <= 0:
            return []
        expected = say.many(alerting.POSTS_EXPECTED, episode.expected, say_expected(episode.expected, say))
        observed = html(say.digits(str(episode.observed)))
        lines = [say(alerting.OBSERVED_EXPECTED, expected=expected, observed=bold(observed))]
        if episode.probability < 1:
            words, number, beyond = say_chance(episode.probability, say)
            if episode.kind is Kind.SILENCE:
                template = alerting.HOW_IMPROBABLE_BEYOND if beyond else alerting.HOW_IMPROBABLE
            else:
                template = alerting.HOW_RARE_BEYOND if beyond else alerting.HOW_RARE
            lines.append(say(template, words=bold(words), number=number))
        return lines

    def verdict(self, n_evidence: int) -> list[Html]:
        """Theirs or ours, and what shows it."""
        verdict = self.episode.verdict
        lines = [line for line in verdict.evidence if line and not self._repeats_a_member(line)]
        evidence = [self.say.bullet(self._said(line)) for line in lines[:n_evidence]]
        if self.episode.kind is Kind.CHANNEL:
            return evidence
        template = {
            Ruling.CONFIRMED: alerting.THEIRS,
            Ruling.EXPLAINED: alerting.EXPLAINED,
            Ruling.BLIND: alerting.OURS,
        }[verdict.ruling]
        return [self.say(template, cause=self.cause()), *evidence]

    def _said(self, sentence: str) -> Html:
        return say_sentence(sentence, self.zone, self.say, self.longest_evidence)

    def _repeats_a_member(self, line: str) -> bool:
        """Evidence about one channel of a group: the list of its channels says it in the reader's zone."""
        names = (name for m in self.payload.members for name in (m.title, f"@{m.handle}"))
        return self._lists_members and any(line.startswith(f"{name}: last post") for name in names)

    @property
    def _lists_members(self) -> bool:
        """Of a grouped silence. What is out of our sight is said by the evidence of blindness."""
        grouped = self.episode.subject.channel_id is None and self.episode.kind is not Kind.BLIND
        return grouped and bool(self.payload.members)

    def cause(self) -> Html:
        cause = self.episode.verdict.cause.value
        return self.say(common.CAUSES.get(cause, cause))

    # -- where to look

    def members(self, most: int) -> list[Html]:
        """The channels of a grouped episode, each with its last post, the longest silent first."""
        if not self._lists_members or not most:
            return []
        ordered = sorted(
            self.payload.members,
            key=lambda m: (m.last_post_at is None, m.last_post_at or self.alert.at, m.title),
        )
        return self._at_most(ordered, most, self._member)

    def _member(self, member: Member) -> Html:
        if member.last_post_at is None:
            return self.say.bullet(self.say(alerting.MEMBER_UNKNOWN, who=self.name(member)))
        at = say_at_briefly(member.last_post_at, self.zone, self.alert.at, self.say)
        who = self.name(member, member.last_post_id)
        return self.say.bullet(self.say(alerting.MEMBER, who=who, at=at))

    def last_posts(self, most: int, excerpt: int) -> list[Html]:
        if not self.payload.last_posts or not most or self.episode.kind is Kind.BLIND:
            return []
        back = self._end is _End.BACK
        ordered = sorted(self.payload.last_posts, key=lambda p: (p.posted_at, p.id), reverse=not back)
        if back:  # a post from before the silence is not what came back
            ordered = [p for p in ordered if p.posted_at > self.episode.since_at]
        lines = [self._last_post(post, excerpt) for post in ordered[:most]]
        return [self.say(alerting.FIRST_POSTS if back else alerting.LAST_POSTS), *lines] if lines else []

    def _last_post(self, post: LastPost, excerpt: int) -> Html:
        at = html(say_at_briefly(post.posted_at, self.zone, self.alert.at, self.say))
        url = self.payload.channel.url(post.id) if self.payload.channel else None
        words = foreign(post.text, excerpt) if excerpt and clean(post.text).strip() else Html("")
        return self.say.bullet(joined([link(at, url) if url else at, words], " "))

    def _at_most(self, things: Sequence[Member], most: int, line: Callable[[Member], Html]) -> list[Html]:
        lines = [line(thing) for thing in things[:most]]
        if len(things) > most:
            lines.append(self.say(common.AND_MORE, n=len(things) - most))
        return lines
