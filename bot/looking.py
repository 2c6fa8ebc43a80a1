"""What a chat was told of an episode, read for whoever looks at it again; and the posts it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.markup import Html, bold, joined
from bot.payload import Payload, read_payload
from bot.post_line import post_line
from bot.say import Say
from bot.telling import Reader, Telling
from bot.texts import answering
from domain.acknowledgement import Acknowledgement
from domain.episode import Alert, Episode
from storage.store import Transaction

_POSTS = 5  #: of one channel
_MOST_MEMBERS = 10
_EXCERPT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An episode as it stands, and the last alert of it that went to a chat."""

    episode: Episode
    alert: Alert
    document: dict[str, Any]
    answer: Acknowledgement | None

    @property
    def payload(self) -> Payload:
        return read_payload(self.document)


async def read_told(tx: Transaction, episode_id: int, chat_id: int) -> Told | None:
    """None: this chat was never told of it, whatever button it shows."""
    latest = await tx.outbox.latest(episode_id, chat_id)
    episode = await tx.episodes.get(episode_id)
    if latest is None or episode is None:
        return None
    alert, document = latest
    return Told(
        episode=episode,
        alert=alert,
        document=document,
        answer=await tx.acknowledgements.standing(episode_id, chat_id),
    )


async def posts_words(tx: Transaction, told: Told, zone: ZoneInfo, say: Say, now: datetime) -> Html | None:
    """The newest posts of the channel, or the newest of each channel of a group. None: there are none."""
    subject = told.episode.subject
    if subject.channel_id is not None:
        numbers, most = [subject.channel_id], _POSTS
    else:
        numbers, most = list(told.episode.members[:_MOST_MEMBERS]), 1
    lines: list[Html] = []
    for number in numbers:
        channel = await tx.channels.get(number)
        if channel is None:
            continue
        posts = await tx.posts.newest(number, most)
        name = f"{channel.title}: " if subject.channel_id is None else ""
        lines += [post_line(post, channel, zone, say, now, excerpt=_EXCERPT, name=name) for post in posts]
    if not lines:
        return None
    who = Telling(told.alert, told.payload, Reader(zone=zone, say=say)).who()
    return joined([bold(say(answering.POSTS_OF, who=who)), *lines])
