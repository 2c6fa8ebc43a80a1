"""The vital signs in Prometheus's form."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deadair.health.judge import is_well
from deadair.health.vitals import Vitals
from domain.check import Check, Level


def exposition(vitals: Vitals, checks: Sequence[Check]) -> bytes:
    """The text that `/metrics` answers. What is not known is not there, rather than zero."""
    registry = CollectorRegistry()
    registry.register(_Signs(vitals, checks))
    return generate_latest(registry)


class _Signs(Collector):
    def __init__(self, vitals: Vitals, checks: Sequence[Check]) -> None:
        self._vitals = vitals
        self._checks = checks

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        v = self._vitals
        yield _one("deadair_up", "1 when no check is wrong.", float(is_well(self._checks)))
        checks = GaugeMetricFamily(
            "deadair_check", "1 when it is well, 0 when it is wrong.", labels=["check"]
        )
        for check in self._checks:
            checks.add_metric([check.of], float(check.level is not Level.WRONG))
        yield checks
        if v.posts is not None:
            yield _one("deadair_posts", "Posts in the archive.", v.posts)
        yield from _instant("deadair_last_post_timestamp_seconds", "When the newest came in.", v.last_seen_at)
        channels = GaugeMetricFamily("deadair_channels", "Channels by what can be read.", labels=["status"])
        for status in sorted({c.status.value for c in v.channels}):
            channels.add_metric([status], sum(c.status.value == status for c in v.channels))
        yield channels
        watched = GaugeMetricFamily(
            "deadair_channel_watched_timestamp_seconds", "Up to when it was watched.", labels=["channel"]
        )
        for channel in v.channels:
            if channel.id in v.watched_until:
                watched.add_metric([channel.name], v.watched_until[channel.id].timestamp())
        yield watched
        yield _one("deadair_channels_blind", "Channels that nobody sees now.", len(v.blind))
        accounts = GaugeMetricFamily(
            "deadair_account_seen_timestamp_seconds",
            "Its last sign of life, whatever it sees.",
            labels=["account", "state"],
        )
        for name, account in sorted(v.accounts.items()):
            accounts.add_metric([name, account.state], account.at.timestamp())
        yield accounts
        watching = GaugeMetricFamily(
            "deadair_account_watched_timestamp_seconds", "Up to when it saw what came.", labels=["account"]
        )
        for name in sorted(v.accounts):
            if (seen := max(v.watched_by.get(name, {}).values(), default=None)) is not None:
                watching.add_metric([name], seen.timestamp())
        yield watching
        yield _one("deadair_posts_unread", "Posts that the reader has not come to.", v.unread)
        yield _one(
            "deadair_posts_unsearchable", "Posts and edits that search does not find yet.", v.unindexed
        )
        yield from _instant("deadair_decided_timestamp_seconds", "Up to when was decided.", v.decided_until)
        episodes = GaugeMetricFamily("deadair_episodes_open", "Open episodes.", labels=["kind"])
        for kind, n in sorted(v.open_episodes.items()):
            episodes.add_metric([kind], n)
        yield episodes
        yield _one("deadair_deliveries_waiting", "Deliveries that nothing holds back.", v.undelivered)
        yield from _instant(
            "deadair_oldest_waiting_alert_timestamp_seconds", "Of the oldest such alert.", v.undelivered_since
        )
        yield from _instant(
            "deadair_bot_polled_timestamp_seconds", "When Telegram answered last.", v.polled_at
        )
        yield from _instant(
            "deadair_backups_asked_timestamp_seconds", "Since when they are asked for.", v.backups_asked_at
        )
        yield from _instant("deadair_backup_timestamp_seconds", "When the last was made.", v.backed_up_at)
        if v.backed_up_at is not None:
            yield _one("deadair_backup_bytes", "Size of the last backup.", v.backup_bytes)
        if v.free is not None:
            yield _one("deadair_disk_free_bytes", "Room where the archive is.", v.free)
        if v.size is not None:
            yield _one("deadair_archive_bytes", "Size of the archive.", v.size)


def _one(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)


def _instant(name: str, help_: str, at: datetime | None) -> Iterator[Metric]:
    if at is not None:
        yield _one(name, help_, at.timestamp())
