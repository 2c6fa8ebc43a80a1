"""Every table. Nobody outside this room imports it.

Each table that grows with the posts is keyed by channel first, so that it can later be split by channel.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.credential_tables import SignInLinks as SignInLinks
from storage.credential_tables import Tokens as Tokens
from storage.credential_tables import WebSessions as WebSessions
from storage.export_tables import Exported as Exported
from storage.export_tables import Exports as Exports
from storage.hush_tables import Acknowledgements as Acknowledgements
from storage.hush_tables import Digests as Digests
from storage.hush_tables import Mutes as Mutes
from storage.hush_tables import Notes as Notes
from storage.hush_tables import QuietHoursRows as QuietHoursRows
from storage.learned_tables import Learned as Learned
from storage.lease_tables import Leases as Leases
from storage.lease_tables import Standbys as Standbys
from storage.post_tables import Chains as Chains
from storage.post_tables import Counters as Counters
from storage.post_tables import Deletions as Deletions
from storage.post_tables import Followed as Followed
from storage.post_tables import Links as Links
from storage.post_tables import PostFiles as PostFiles
from storage.post_tables import Posts as Posts
from storage.post_tables import Raws as Raws
from storage.post_tables import Removals as Removals
from storage.post_tables import Revisions as Revisions
from storage.search_tables import Documents as Documents
from storage.search_tables import SearchPlaces as SearchPlaces
from storage.table import Table as Table
from storage.types import Sequence


class Channels(Table):
    __tablename__ = "channels"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    title: Mapped[str]
    handle: Mapped[str | None] = mapped_column(Text, index=True)
    status: Mapped[str] = mapped_column(String(20))
    group: Mapped[str | None]
    zone: Mapped[str] = mapped_column(String(64))
    country: Mapped[str | None] = mapped_column(String(2))
    audience: Mapped[int | None] = mapped_column(BigInteger)
    added_at: Mapped[datetime]
    flags: Mapped[list[Any] | None]


class Handles(Table):
    __tablename__ = "handles"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger, index=True)
    name: Mapped[str]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]


class ChannelEvents(Table):
    __tablename__ = "channel_events"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[datetime]
    change: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    before: Mapped[str | None]
    after: Mapped[str | None]
    evidence: Mapped[str]


class Accesses(Table):
    """How one account reaches a channel: Telegram's access hash belongs to the account."""

    __tablename__ = "accesses"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    access_hash: Mapped[int] = mapped_column(BigInteger)


class Cursors(Table):
    """The high-water mark: every post up to `newest_id` is stored, or was never there."""

    __tablename__ = "cursors"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    newest_id: Mapped[int] = mapped_column(BigInteger)
    oldest_id: Mapped[int | None] = mapped_column(BigInteger)
    complete: Mapped[bool]  # the history below oldest_id has been read to its end or as far as asked
    checked_at: Mapped[datetime]


class WatchSpans(Table):
    __tablename__ = "watch_spans"
    __table_args__ = (Index(None, "channel_id", "to_at"), Index(None, "account", "channel_id", "how"))
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[str] = mapped_column(String(64))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(12))


class Gaps(Table):
    __tablename__ = "gaps"
    __table_args__ = (Index(None, "channel_id", "from_at"),)
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[str] = mapped_column(String(64))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(String(20))
    missing: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str]


class Readings(Table):
    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("channel_id", "post_id", "reader_version"),
        Index(None, "channel_id", "posted_at"),
        # And `ix_readings_topics`, which is another on each engine: migrations/versions/0015; and
        # `ix_readings_language`, of SQLite alone: 0018.
        Index(
            "ix_readings_read_by",
            "reader_version",
            "read_by",
            "channel_id",
            "posted_at",
            sqlite_where=text("read_by IS NOT NULL"),
            postgresql_where=text("read_by IS NOT NULL"),
        ),
    )
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    post_id: Mapped[int] = mapped_column(BigInteger)
    posted_at: Mapped[datetime]
    reader_version: Mapped[int]
    topics: Mapped[list[Any]]
    counts: Mapped[bool]
    claimants: Mapped[list[Any]]
    language: Mapped[str | None] = mapped_column(String(12))
    pause: Mapped[str]  # the words that announce one, or ""
    read_by: Mapped[int | None]  # the version that really read it, where another took it over; 0: unknown


class Tallies(Table):
    """Posts per series and hour. A series never mixes two reader versions."""

    __tablename__ = "tallies"
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(Text, primary_key=True)  # "", and no claimant: all posts
    claimant: Mapped[str] = mapped_column(Text, primary_key=True)
    reader_version: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int]


class Claims(Table):
    """A version of a claim; that its post was deleted is read from the deletions and not kept twice."""

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("channel_id", "post_id", "reader_version", "number", "version"),
        Index(None, "reader_version", "posted_at"),
    )
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    post_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    version: Mapped[int]
    reader_version: Mapped[int]
    revision: Mapped[int]
    posted_at: Mapped[datetime]
    from_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    incident_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    claimant: Mapped[str | None]
    mode: Mapped[str] = mapped_column(String(30))
    target: Mapped[str | None]
    target_type: Mapped[str | None]
    location: Mapped[str | None]
    precision: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    action: Mapped[str | None]
    weapons: Mapped[list[Any]]
    day: Mapped[date | None]
    date_precision: Mapped[str] = mapped_column(String(20))
    date_source: Mapped[str] = mapped_column(String(20))
    killed: Mapped[int | None] = mapped_column(BigInteger)
    wounded: Mapped[int | None] = mapped_column(BigInteger)
    losses: Mapped[str | None] = mapped_column(String(12))  # "told", "vague"; None: not spoken of
    n_operations: Mapped[int | None] = mapped_column(BigInteger)
    assertion: Mapped[str] = mapped_column(String(20))
    repeat: Mapped[bool]
    again: Mapped[bool]
    evidence: Mapped[list[Any]]


class Incidents(Table):
    __tablename__ = "incidents"
    __table_args__ = (Index(None, "reader_version", "first_at"),)
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    reader_version: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class Episodes(Table):
    __tablename__ = "episodes"
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    channel_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    topic: Mapped[str | None]
    claimant: Mapped[str | None]
    group: Mapped[str | None]
    country: Mapped[str | None] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12), index=True)
    since_at: Mapped[datetime]
    found_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ruling: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[list[Any]]
    observed: Mapped[int]
    expected: Mapped[float]
    probability: Mapped[float]
    members: Mapped[list[Any]]
    reason: Mapped[str]
    ended: Mapped[str]
    escalated_at: Mapped[datetime | None]
    times: Mapped[int] = mapped_column(server_default="1")
    again_at: Mapped[datetime | None]
    incident_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    severity: Mapped[str | None] = mapped_column(String(12))


class Transitions(Table):
    __tablename__ = "transitions"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey(Episodes.id), index=True)
    at: Mapped[datetime]
    move: Mapped[str] = mapped_column(String(12))
    inhibited_by: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str]


class Opinions(Table):
    """What people make of an episode; the newest of each stands."""

    __tablename__ = "opinions"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey(Episodes.id), index=True)
    at: Mapped[datetime]
    says: Mapped[str] = mapped_column(String(12))
    by: Mapped[str]
    note: Mapped[str]
    fault: Mapped[str | None] = mapped_column(String(16))


class Alerts(Table):
    """What is said of an episode: a copy of it as it stood, and the data of its chart."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    at: Mapped[datetime]
    move: Mapped[str] = mapped_column(String(12))
    episode_id: Mapped[int] = mapped_column(ForeignKey(Episodes.id), index=True)
    episode: Mapped[dict[str, Any]]
    payload: Mapped[dict[str, Any]]


class Deliveries(Table):
    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("alert_id", "chat_id"),
        Index(None, "state", "not_before", "id"),
        Index(None, "chat_id", "state", "id"),
    )
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey(Alerts.id))
    episode_id: Mapped[int] = mapped_column(ForeignKey(Episodes.id), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    why: Mapped[str]
    hold: Mapped[str | None] = mapped_column(String(12))
    digested: Mapped[bool] = mapped_column(server_default=false())


class Subscribers(Table):
    __tablename__ = "subscribers"
    chat_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(12))
    zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(12))
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    let_in_at: Mapped[datetime]
    let_in_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str]


class Invites(Table):
    __tablename__ = "invites"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[int | None] = mapped_column(BigInteger)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Subscriptions(Table):
    __tablename__ = "subscriptions"
    id: Mapped[int] = mapped_column(Sequence, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger, index=True)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    group: Mapped[str | None]
    topic: Mapped[str | None]
    claimant: Mapped[str | None]
    kind: Mapped[str | None] = mapped_column(String(12))
    least: Mapped[str] = mapped_column(String(12), server_default="minor")
    made_at: Mapped[datetime]


class Imports(Table):
    """How far a file has been taken in. It is known by what is in it, so that a second run goes on."""

    __tablename__ = "imports"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    records: Mapped[int] = mapped_column(BigInteger)
    added: Mapped[int] = mapped_column(BigInteger)
    revised: Mapped[int] = mapped_column(BigInteger)
    bad: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[bool]
    at: Mapped[datetime]


class Marks(Table):
    """How far each part has come, and its sign of life."""

    __tablename__ = "marks"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]]
    at: Mapped[datetime]
