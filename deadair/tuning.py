"""What a budget means, in words and tables for the terminal, and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.calibrate import Calibration, Raised
from alerts.probe import Tried
from alerts.reach import Reach
from alerts.refusals import Refusal
from deadair.plural import plural
from domain.instant import say_span
from domain.opinion import Says

_BAR = "▏▎▍▌▋▊▉█"


def name(found: Calibration) -> str:
    """@falcon_front, or @falcon_front on attacks."""
    return found.channel.name if found.strand is None else f"{found.channel.name} on {found.strand.name}"


def report(found: Calibration, *, width: int = 80) -> Iterator[str]:
    """All that is known of one series under one budget."""
    zone = ZoneInfo(found.channel.zone)
    yield f"{name(found)}: {_budgets(found)}"
    yield f"  {_ripe(found)}"
    yield ""
    yield from _alarms(found)
    if found.reach:
        yield ""
        what = "A silence" if found.strand is None else f"An end of {found.strand.name}"
        yield f"{what} beginning at this hour is told after … ({zone.key}, ordinary day)"
        yield from _reach(found.reach, width)
    if found.tried:
        yield ""
        yield from _tried(found.tried)
    yield ""
    yield from _raised(found, zone)


def row(found: Calibration, refused: Refusal | None) -> str:
    """One line: the channel among others."""
    rate = "-" if found.per_month is None else f"{found.per_month:.2f}"
    told = "never"
    if found.soonest is not None:
        latest = "never" if found.latest is None else _brief(found.latest)
        told = f"{_brief(found.soonest)} to {latest}"
    mark = " !" if refused else ""
    confirmed = sum(r.opinion is not None and r.opinion.says is Says.CONFIRMED for r in found.raised)
    return (
        f"{_cut(name(found), 20):<20} {found.nominal:>6.3g} {found.per_day:>7.1f} {len(found.raised):>6} "
        f"{confirmed:>4} {rate:>7}  {told:<16} {found.ripeness.part:>4.0%}{mark}"
    )


HEAD = (
    f"{'channel':<20} {'budget':>6} {'a day':>7} {'raised':>6} {'real':>4} {'a month':>7}  "
    f"{'silence told in':<16} {'ripe':>4}"
)


def document(found: Calibration, refused: Refusal | None, instead: float | None) -> dict[str, Any]:
    """The same for machines; spans in hours."""
    return {
        "channel": found.channel.handle or found.channel.title,
        "topic": found.strand.name if found.strand and found.strand.what == "topic" else None,
        "claimant": found.strand.name if found.strand and found.strand.what == "claimant" else None,
        "budgets": {kind.value: budget for kind, budget in found.budgets.items()},
        "zone": found.channel.zone,
        "from": found.start.isoformat(),
        "to": found.end.isoformat(),
        "judged_months": round(found.months, 3),
        "posts_per_day": round(found.per_day, 2),
        "ripe": {
            "part": round(found.ripeness.part, 3),
            "watched_days": round(found.ripeness.watched / timedelta(days=1), 1),
            "posts": found.ripeness.posts,
            "habit": found.ripeness.habit,
        },
        "false_alarms_per_month": {
            "nominal": found.nominal,
            "replayed": None if found.per_month is None else round(found.per_month, 3),
        },
        "silence_told_after_hours": [
            {
                "hour": r.hour,
                "soonest": _hours(r.soonest),
                "middle": _hours(r.middle),
                "latest": _hours(r.latest),
            }
            for r in found.reach
        ],
        "tried": [
            {
                "factor": t.factor,
                "tried": t.tried,
                "seen": t.seen,
                "after_hours": _hours(t.after),
                "within_hours": _hours(t.within),
            }
            for t in found.tried
        ],
        "episodes": [
            {
                "kind": r.episode.kind.value,
                "since": r.episode.since_at.isoformat(),
                "opened_at": r.episode.opened_at and r.episode.opened_at.isoformat(),
                "closed_at": r.episode.closed_at and r.episode.closed_at.isoformat(),
                "observed": r.episode.observed,
                "expected": round(r.episode.expected, 2),
                "verdict": r.episode.verdict.ruling.value,
                "cause": r.episode.verdict.cause.value,
                "told_as": r.told_as,
                "says": r.opinion and r.opinion.says.value,
                "counts": r.counts,
            }
            for r in found.raised
        ],
        "refused": None if refused is None else {"why": refused.what, "instead": instead},
    }


def _budgets(found: Calibration) -> str:
    if len(set(found.budgets.values())) == 1:
        [budget] = set(found.budgets.values())
        kinds = ", ".join(kind.value for kind in found.budgets)
        each = " each" if len(found.budgets) > 1 else ""
        return f"{budget:.3g} false alarms a month accepted ({kinds}{each})"
    return ", ".join(f"{kind.value} {budget:.3g}" for kind, budget in found.budgets.items()) + " a month"


def _ripe(found: Calibration) -> str:
    ripe = found.ripeness
    said = f"ripe {ripe.part:.0%}: {ripe.posts:,} posts in {say_span(ripe.watched)} watched, of the last 56 d"
    if ripe.habit is not None:
        habit = "a habit" if ripe.habit else "no habit"
        said = (
            f"{habit}: {plural(ripe.posts, 'post')} on {plural(ripe.days, 'day')} in eight weeks, "
            f"the first ever {say_span(ripe.known)} ago"
        )
    return f"{said}; {found.per_day:.3g} a day now"


def _alarms(found: Calibration) -> Iterator[str]:
    n, counted = len(found.raised), sum(r.counts for r in found.raised)
    said = [r.opinion.says for r in found.raised if r.opinion is not None]
    yield "False alarms a month"
    yield f"  by the budget    {found.nominal:.3g}, all kinds together"
    if found.per_month is None:
        yield f"  by the replay    too little to say: {say_span(found.judged)} could be judged"
        return
    kinds = Counter(r.episode.kind.value for r in found.raised)
    which = f" ({', '.join(f'{m} {kind}' for kind, m in kinds.items())})" if len(kinds) > 1 else ""
    parts = [f"{n} raised in {say_span(found.judged)}{which}"]
    parts += [f"{said.count(word)} {word.value} by people" for word in Says if word in said]
    explained = n - counted - said.count(Says.CONFIRMED)
    if explained > 0:
        parts.append(f"{explained} explained")
    yield f"  by the replay    {found.per_month:.2g}: {', '.join(parts)}"
    if counted >= 4 and found.per_month > 2 * found.nominal:
        yield "                   more than twice its budget: were they real? See `deadair verdict`"


def _reach(reach: Sequence[Reach], width: int) -> Iterator[str]:
    known = [r.latest for r in reach if r.latest is not None]
    most = max(known, default=timedelta(hours=1))
    room = max(10, min(40, width - 40))
    yield f"  {'hour':<7}{'middle':>12}  {'of the week':<20}"
    for each in reach:
        if each.middle is None:
            yield f"  {each.hour:02}:00  {'never':>12}"
            continue
        latest = "never" if each.latest is None else _brief(each.latest)
        span = f"{_brief(each.soonest)} to {latest}" if each.soonest is not None else "never"
        bar = _drawn(each.middle / most, room)
        yield f"  {each.hour:02}:00  {_brief(each.middle):>12}  {span:<16}  {bar}"


def _tried(tried: Sequence[Tried]) -> Iterator[str]:
    n = max(t.tried for t in tried)
    yield f"What it would see, tried on its own posts of the last weeks from {n} beginnings"
    for title, some in (
        ("less", [t for t in tried if t.factor < 1]),
        ("more", [t for t in tried if t.factor > 1]),
    ):
        if not some:
            continue
        words = [
            ("stops" if t.factor == 0 else f"to {t.factor:.0%}" if t.factor < 1 else f"×{t.factor:g}")
            for t in some
        ]
        yield f"  {title + ', in ' + say_span(some[0].within):<16}" + "".join(f"{w:>11}" for w in words)
        yield f"  {'  seen':<16}" + "".join(f"{f'{t.seen} of {t.tried}':>11}" for t in some)
        yield f"  {'  told after':<16}" + "".join(
            f"{_brief(t.after) if t.after is not None else '-':>11}" for t in some
        )
        seen = [t for t in some if t.is_seen]
        if not seen:
            yield "  nothing of this is seen more often than not"


def _raised(found: Calibration, zone: ZoneInfo) -> Iterator[str]:
    days = f"{found.start.astimezone(zone):%Y-%m-%d} to {found.end.astimezone(zone):%Y-%m-%d}"
    if not found.raised:
        yield f"From {days} it would have raised nothing."
        return
    yield f"From {days} it would have raised (told at, {zone.key}):"
    for each in found.raised:
        yield f"  {_line(each, zone)}"


def _line(raised: Raised, zone: ZoneInfo) -> str:
    episode = raised.episode
    told = episode.opened_at or episode.found_at
    lasted = f"lasted {_brief(episode.closed_at - episode.since_at)}" if episode.closed_at else "lasts"
    people = "nobody said" if raised.told_as else "not told then"
    if raised.opinion is not None:
        people = f"{raised.opinion.says.value}" + (f" by {raised.opinion.by}" if raised.opinion.by else "")
    number = f" (episode {raised.told_as})" if raised.told_as else ""
    return (
        f"{told.astimezone(zone):%Y-%m-%d %H:%M}  {episode.kind.value:<7} {lasted:<14} "
        f"{episode.verdict.cause.value}; {people}{number}"
    )


def _drawn(part: float, room: int) -> str:
    eighths = round(min(max(part, 0.0), 1.0) * room * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_BAR[rest - 1] if rest else "")


def _brief(span: timedelta) -> str:
    """Two units at most, without the smaller one once it says little."""
    if span >= timedelta(hours=10):
        span = timedelta(hours=round(span / timedelta(hours=1)))
    return say_span(span).replace(" min", "m").replace(" h", "h").replace(" d", "d")


def _hours(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(hours=1), 2)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
