"""Is the work being done? Pure: vital signs and limits in, what was found out.

Progress is what counts. A process that lives, a database that answers and a bot that may log in say nothing
of that.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from deadair.health.config import HealthConfig
from deadair.health.marks import LATELY, WAITS
from deadair.health.vitals import Account, Vitals
from domain.channel import Channel, ChannelStatus
from domain.check import Check, Level
from domain.instant import say_span
from storage.backup.missed import is_missed
from storage.errors import RESTORE

#: In these states an account waits for what passes; what it cannot see meanwhile is on record as a gap.
_WAITING = ("connecting", "throttled", "unreachable")
_WATCHED = (ChannelStatus.OPEN,)
#: So many signs of life may be missing before a part is taken for dead.
_MISSED = 3
_NEVER = datetime.min.replace(tzinfo=UTC)


def judge(
    vitals: Vitals,
    limits: HealthConfig,
    parts: Collection[str],
    *,
    backup_every: timedelta | None = None,
    lives_every: timedelta = timedelta(minutes=1),
) -> Sequence[Check]:
    """What each part has done lately, of those that are meant to run.

    `backup_every`: how often a backup is asked for; None: never. `lives_every`: how often the part that works
    by the clock says that it lives.
    """
    checks: list[Check] = []
    if "collector" in parts:
        checks += _accounts(vitals, limits)
        checks.append(_watched(vitals, limits))
    if "reader" in parts:
        checks.append(_read(vitals, limits))
    if "indexer" in parts:
        checks.append(_indexed(vitals, limits))
    if "alerts" in parts:
        checks.append(_decided(vitals, limits))
    if "bot" in parts:
        checks += [_told(vitals, limits), _polled(vitals, limits)]
    if "jobs" in parts:
        checks.append(_by_the_clock(vitals, lives_every))
    if vitals.configs:
        checks.append(_configured(vitals))
    if vitals.looked_whole_at is not None:
        checks.append(_whole(vitals.looked_whole_at, vitals))
    if backup_every:
        checks.append(_backed_up(vitals, backup_every))
    return checks


def is_well(checks: Sequence[Check]) -> bool:
    return all(check.level is not Level.WRONG for check in checks)


def _accounts(vitals: Vitals, limits: HealthConfig) -> Iterator[Check]:
    for name, account in sorted(vitals.accounts.items()):
        yield _account(name, account, vitals, limits)


def _account(name: str, account: Account, vitals: Vitals, limits: HealthConfig) -> Check:
    of, now = f"account {name}", vitals.at
    since = now - account.at
    said = f"{account.state}{f' ({account.detail})' if account.detail else ''}, {_ago(account.at, now)}"
    if account.state == "watching":
        if since > limits.watched_behind:
            return Check.wrong(of, f"no sign of life: {said}", "is the collector running? See its log")
        seen = max(vitals.watched_by.get(name, {}).values(), default=None)
        if seen is None:
            return Check.well(of, f"{said}; it has not seen anything come yet")
        if now - seen > limits.watched_behind and _is_left_alone(name, vitals, limits):
            return Check.wrong(
                of, f"it has seen nothing of its channels since {_ago(seen, now)}: {said}", "`deadair doctor`"
            )
        return Check.well(of, f"{said}; seen up to {_ago(seen, now)}")
    if account.state in _WAITING:
        return Check.note(of, said, "what it misses is on record as a gap; `deadair doctor` looks into it")
    return Check.wrong(of, said, "`deadair doctor` says what to do")


def _is_left_alone(name: str, vitals: Vitals, limits: HealthConfig) -> bool:
    """Is a channel that this account was the last to watch, and that can be read, seen by nobody now?"""
    for channel in vitals.channels:
        if channel.status not in _WATCHED:
            continue
        by = {each: until[channel.id] for each, until in vitals.watched_by.items() if channel.id in until}
        unseen = vitals.at - vitals.watched_until.get(channel.id, _NEVER) > limits.watched_behind
        if unseen and name in by and by[name] == max(by.values()):
            return True
    return False


def _watched(vitals: Vitals, limits: HealthConfig) -> Check:
    """Of the channels that can be read."""
    watched: list[Channel] = [c for c in vitals.channels if c.status in _WATCHED]
    if not watched:
        return Check.note("channels", "none is watched yet", "name some under [[channels]]")
    late = [
        channel
        for channel in watched
        if vitals.at - vitals.watched_until.get(channel.id, _NEVER) > limits.watched_behind
    ]
    if len(late) == len(watched):
        newest = max((vitals.watched_until.get(c.id, _NEVER) for c in watched), default=_NEVER)
        last = "ever" if newest == _NEVER else f"since {_ago(newest, vitals.at)}"
        return Check.wrong("channels", f"nothing was seen of any channel {last}", "see the accounts")
    if late:
        names = ", ".join(channel.name for channel in late[:5])
        more = f" and {len(late) - 5} more" if len(late) > 5 else ""
        return Check.note(
            "channels", f"{len(late)} of {len(watched)} are not seen now: {names}{more}", "`deadair status`"
        )
    return Check.well("channels", f"{len(watched)} are seen")


def _read(vitals: Vitals, limits: HealthConfig) -> Check:
    if vitals.unread_since is None:
        return Check.well("reader", "every post is read")
    said = f"{vitals.unread:,} posts are unread, the first since {_ago(vitals.unread_since, vitals.at)}"
    if vitals.at - vitals.unread_since > limits.unread_behind:
        return Check.wrong("reader", said, "is it running? After an import or `deadair reread` it catches up")
    return Check.well("reader", said)


def _indexed(vitals: Vitals, limits: HealthConfig) -> Check:
    if vitals.unindexed_since is None:
        return Check.well("indexer", "every post is searchable")
    waits = _ago(vitals.unindexed_since, vitals.at)
    said = f"{vitals.unindexed:,} posts and edits are not searchable, the first since {waits}"
    if vitals.at - vitals.unindexed_since > limits.unindexed_behind:
        hint = (
            "is it running? After an import or another version it catches up; `deadair index` does so at once"
        )
        return Check.wrong("indexer", said, hint)
    return Check.well("indexer", said)


def _decided(vitals: Vitals, limits: HealthConfig) -> Check:
    if vitals.learnt is not None:
        part, left = vitals.learnt.part, say_span(vitals.learnt.left)
        said = f"learning what is usual of the channels: {part:.0%} done, about {left} left"
        return Check.note("alerts", said, "nothing is told meanwhile, and nothing is lost")
    if vitals.decided_until is None:
        return Check.wrong("alerts", "nothing was ever decided", "is it running? See its log")
    said = f"decided up to {_ago(vitals.decided_until, vitals.at)}"
    if vitals.at - vitals.decided_until > limits.decided_behind:
        return Check.wrong("alerts", said, "is it running? While an archive is read anew, it waits")
    return Check.well("alerts", said)


def _told(vitals: Vitals, limits: HealthConfig) -> Check:
    if vitals.undelivered_since is None:
        return Check.well("deliveries", "none is waiting")
    said = f"{vitals.undelivered:,} wait, the oldest alert is of {_ago(vitals.undelivered_since, vitals.at)}"
    if vitals.at - vitals.undelivered_since > limits.undelivered_behind:
        return Check.wrong("deliveries", said, "is the bot running, and is Telegram's Bot API in reach?")
    return Check.well("deliveries", said)


def _polled(vitals: Vitals, limits: HealthConfig) -> Check:
    if vitals.polled_at is None:
        return Check.wrong("bot", "it has never heard of Telegram", "`deadair doctor` looks into it")
    said = f"heard of Telegram {_ago(vitals.polled_at, vitals.at)}"
    if vitals.at - vitals.polled_at > limits.polling_behind:
        return Check.wrong("bot", said, "is it running, and is Telegram's Bot API in reach?")
    return Check.well("bot", said)


def _by_the_clock(vitals: Vitals, every: timedelta) -> Check:
    if vitals.lived_at is None:
        return Check.wrong("jobs", "no sign of life", "is the part `jobs` running? See its log")
    said = f"alive {_ago(vitals.lived_at, vitals.at)}"
    if vitals.at - vitals.lived_at > max(LATELY, _MISSED * every):
        return Check.wrong("jobs", said, "is the part `jobs` running? See its log")
    if vitals.failing:
        each = sorted(vitals.failing.items())
        fails = "; ".join(f"{job} fails for {say_span(vitals.at - f.since)}: {f.why}" for job, f in each)
        hints = "; ".join(dict.fromkeys(f.hint for _, f in each if f.hint))
        return Check.wrong("jobs", fails, hints or "the log says more; the next run tries anew")
    return Check.well("jobs", said)


def _configured(vitals: Vitals) -> Check:
    """The work goes on, with a config that may not be the one that stands in the file."""
    running: dict[str, list[str]] = {}
    for part, each in sorted(vitals.configs.items()):
        running.setdefault(each["version"], []).append(part)
    runs = "; ".join(f"{', '.join(parts)}: {version}" for version, parts in running.items())
    for each in vitals.configs.values():
        if why := each.get("refused"):
            return Check.warning(
                "config",
                f"as it stands it is refused ({why}), the former one counts on ({runs})",
                "mend it: `deadair config check`",
            )
    if waits := sorted({each[WAITS] for each in vitals.configs.values() if WAITS in each}):
        return Check.note("config", f"{'; '.join(waits)}: counts from the next start on ({runs})", "restart")
    if len(running) > 1:
        return Check.note("config", f"not all parts run the same: {runs}", "`deadair reload`")
    return Check.well("config", f"all parts run {next(iter(running))}")


def _backed_up(vitals: Vitals, every: timedelta) -> Check:
    made, asked = vitals.backed_up_at, vitals.backups_asked_at
    if made is not None:
        said = f"made {_ago(made, vitals.at)}"
    elif asked is not None:
        said = f"none was made yet, asked for since {_ago(asked, vitals.at)}"
    else:
        return Check.wrong("backup", "none was ever made", "is the part `jobs` running? See its log")
    if is_missed(every, vitals.at, made=made, asked=asked):
        return Check.wrong("backup", said, "the log says why; is there room in its folder?")
    if made is None:
        return Check.note("backup", said, "the first is begun within minutes of the start")
    return Check.well("backup", said)


def _whole(looked_at: datetime, vitals: Vitals) -> Check:
    looked = f"looked at {_ago(looked_at, vitals.at)}"
    if vitals.damage:
        return Check.wrong("archive", f"damaged, {looked}: {vitals.damage}", RESTORE)
    return Check.well("archive", f"whole, {looked}")


def _ago(at: datetime, now: datetime) -> str:
    return f"{say_span(max(now - at, timedelta()))} ago"
