"""Which episode makes another not worth telling: the smaller is hidden behind the larger."""

from collections.abc import Mapping

from alerts.episodes import Case
from domain.channel import Channel
from domain.episode import Episode, State, Subject
from domain.finding import Kind


def hidden_by(live: Mapping[Case, Episode], subject: Subject, of: Channel) -> Episode | None:
    """The open episode that tells of a silence of `subject`, which is or belongs to this channel, already.

    In order of size: everyone's silence, that of the channel's country and of its group, and for a topic that
    of all channels that had it, for a topic or a claimant that of its channel. Our own blindness and a
    channel's being gone hide nothing here: about unwatched time nothing is decided at all.
    """
    channel = subject.channel_id
    if channel is None:
        return None
    cases = [Subject()]
    if of.country:
        cases.append(Subject(country=of.country))
    if of.group:
        cases.append(Subject(group=of.group))
    if subject.topic is not None:
        cases.append(Subject(topic=subject.topic))
    if subject.topic is not None or subject.claimant is not None:
        cases.append(Subject(channel_id=channel))
    for larger in cases:
        episode = live.get((Kind.SILENCE, larger))
        tells = episode is not None and episode.state is State.OPEN
        if episode is not None and tells and (larger.channel_id is not None or channel in episode.members):
            return episode
    return None
