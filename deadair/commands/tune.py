"""`deadair tune`: what a budget means for a channel or a topic, before it is saved, and saving it."""

import asyncio
import json
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from alerts.calibrate import BACK, LEARNED, Calibration, Record, strands
from alerts.config import AlertsConfig
from alerts.refusals import LADDER, Refusal, refusal
from alerts.strand import CLAIMANT, TOPIC, Strand
from alerts.weigh import weigh
from deadair.budgets import budgets_of
from deadair.config import FILE, Setup, load
from deadair.history import History, all_channels, from_archive, judged_topics, say_if_partly_read
from deadair.settings import save_channel_budget, save_topic_budget
from deadair.tuning import HEAD, document, name, report, row
from domain.budget import is_budget
from domain.channel import Channel
from domain.claim import UNKNOWN_GROUP
from domain.clock import WallClock
from domain.errors import DeadairError


class Refused(DeadairError):
    """A setting that would do nobody any good; the message has its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which series, under which budget."""

    setup: Setup
    record: Record
    strand: Strand | None
    budget: float | None  #: None: as the config has it, or the bot's /thresholds
    saved: Mapping[str, float]  #: what was set by /thresholds

    def calibrated(self, budget: float | None = None, *, probes: bool = True) -> Calibration:
        """What it means under `budget`, or under the one that is asked for."""
        config = self.setup.config
        return weigh(
            self.record,
            config.alerts,
            replace(budgets_of(config), saved=self.saved),
            strand=self.strand,
            budget=self.budget if budget is None else budget,
            topics=judged_topics(config),
            probes=probes,
        )

    @property
    def rules(self) -> AlertsConfig:
        return self.setup.config.alerts


def tune(
    config: Path | None,
    channel: str | None,
    *,
    topic: str | None,
    claimant: str | None,
    budget: float | None,
    save: bool,
    claims: bool,
    as_json: bool,
) -> None:
    setup = load(config)
    strand = _strand(channel, topic, claimant, budget, save=save)
    if channel is None:
        _all(setup, budget, claims=claims, as_json=as_json)
        return
    history = asyncio.run(from_archive(setup, channel, back=BACK + LEARNED, claims=claims))
    say_if_partly_read(history)
    record = _record(history, history.channels[0])
    _known(record, strand, judged_topics(setup.config))
    asked = Asked(setup=setup, record=record, strand=strand, budget=budget, saved=history.budgets)
    found = asked.calibrated()
    refused = refusal(found, asked.rules.silence)
    instead = _instead(asked, found, refused)
    if as_json:
        print(json.dumps(document(found, refused, instead), ensure_ascii=False))
    else:
        for text in report(found, width=shutil.get_terminal_size().columns):
            print(text)
        _others(asked)
        print()
    if refused is not None and (save or budget is not None):
        raise Refused(
            f"{name(found)} is refused: {refused.what}",
            hint=_hint(refused, instead, channel, topic or claimant),
        )
    if save and budget is not None:
        _save(config, asked, budget, quiet=as_json)
    elif not as_json:
        if refused is not None:
            print(f"This is of no use as it is: {refused.what}.")
            print(f"  what to do: {_hint(refused, instead, channel, topic or claimant)}")
        print(_unsaved(channel, topic, claimant, budget))


def _strand(
    channel: str | None, topic: str | None, claimant: str | None, budget: float | None, *, save: bool
) -> Strand | None:
    if topic and claimant:
        raise DeadairError("a topic and a claimant are two things", hint="ask for one at a time")
    if channel is None and (topic or claimant or save):
        raise DeadairError("which channel?", hint="name it: deadair tune CHANNEL ...")
    if save and budget is None:
        raise DeadairError("there is nothing to save", hint="say which budget: --budget B")
    if claimant and budget is not None:
        raise DeadairError(
            "a claimant has no budget of its own: it has its part of its channel's",
            hint="set the channel's: deadair tune CHANNEL --budget B",
        )
    if budget is not None and not is_budget(budget):
        raise DeadairError(f"{budget:g} is no budget", hint="it is a millionth to 30 false alarms a month")
    if topic:
        return Strand(TOPIC, topic)
    return Strand(CLAIMANT, claimant) if claimant else None


def _known(record: Record, strand: Strand | None, judged: Collection[str]) -> None:
    """Raises DeadairError where neither the channel nor the config knows a topic or claimant of that name."""
    if strand is None:
        return
    if strand.what == TOPIC:
        there = {*judged, *(name for reading in record.readings for name in reading.topics)}
    else:
        there = {name for reading in record.readings for name in reading.claimants} - {UNKNOWN_GROUP}
    if strand.name not in there:
        near = get_close_matches(strand.name, sorted(there), n=3, cutoff=0.5) or sorted(there)[:10]
        raise DeadairError(
            f"{record.channel.name} has no {strand.what} {strand.name!r}",
            hint=f"it has: {', '.join(near)}" if near else "it has none yet",
        )


def _record(history: History, channel: Channel) -> Record:
    own = history.of(channel)
    if not own.readings:
        raise DeadairError(
            f"the archive has no posts of {channel.name}",
            hint="read some: deadair backfill, or deadair import",
        )
    return Record(
        channel=channel,
        readings=own.readings,
        spans=own.spans or None,
        told=own.told,
        opinions=own.opinions,
    )


def _all(setup: Setup, budget: float | None, *, claims: bool, as_json: bool) -> None:
    """One line for each channel, one channel at a time in memory."""
    channels = asyncio.run(all_channels(setup))
    if not channels:
        raise DeadairError("the archive has no channel yet", hint="deadair run, or deadair import FILES")
    marked = partly = False
    if not as_json:
        print(HEAD)
    for each in channels:
        history = asyncio.run(from_archive(setup, str(each.id), back=BACK + LEARNED, claims=claims))
        partly = partly or history.is_partly_read
        if not history.readings:
            if not as_json:
                print(f"{each.name:<20} no posts")
            continue
        [channel] = history.channels
        record = _record(history, channel)
        asked = Asked(setup=setup, record=record, strand=None, budget=budget, saved=history.budgets)
        found = asked.calibrated(probes=False)
        refused = refusal(found, asked.rules.silence)
        marked = marked or refused is not None
        if as_json:
            print(json.dumps(document(found, refused, None), ensure_ascii=False))
        else:
            print(row(found, refused), flush=True)
    if not as_json:
        print(
            f"\nbudget: false alarms a month, all kinds; raised: in {BACK.days} days, replayed;\n"
            "real: confirmed by people; a month: what is left of the raised"
        )
        if marked:
            print("!: of no use as it is")
        if partly:
            print("posts that were not read yet are judged by your own topics only: --claims")
        print("`deadair tune CHANNEL` tells more of one. Nothing was changed.")


def _others(asked: Asked) -> None:
    """The topics and claimants of the channel, each with its part of the budget."""
    if asked.strand is not None:
        return
    config = asked.setup.config
    found = strands(asked.record, asked.rules, judged_topics(config))
    if not found:
        return
    print(f"\nTopics and claimants it has by habit: {', '.join(s.name for s in found)}")
    print("  --topic NAME or --claimant NAME tells how soon the end of one is told")


def _instead(asked: Asked, found: Calibration, refused: Refusal | None) -> float | None:
    """The budget nearest to the refused one that is none of both, as replayed; None: there is none."""
    if refused is None or refused.more is None or (asked.strand and asked.strand.what == CLAIMANT):
        return None
    now = max(found.budgets.values())
    ladder: Sequence[float] = (
        [b for b in LADDER if b > now] if refused.more else [b for b in LADDER[::-1] if b < now]
    )
    for budget in ladder:
        if refusal(asked.calibrated(budget, probes=False), asked.rules.silence) is None:
            return budget
    return None


def _hint(refused: Refusal, instead: float | None, channel: str | None, part: str | None) -> str:
    if instead is not None:
        return f"--budget {instead:g} does neither: it can fire, and not every day"
    if refused.more is None and part:
        return f"wait until {part} is a habit, or give its topic more words"
    if refused.more is None:
        return f"wait, or read its history: deadair backfill {channel}"
    return "no budget from 0.05 to 8 does; look at its posts"


def _save(config: Path | None, asked: Asked, budget: float, *, quiet: bool) -> None:
    path, now = config or Path(FILE), WallClock().now()
    if asked.strand is not None:
        kept = save_topic_budget(path, asked.strand.name, budget, now)
        what = f"[topics.{asked.strand.name}] budget = {budget:g}, of that topic in every channel"
    else:
        kept = save_channel_budget(path, asked.record.channel, budget, now)
        what = f"[[channels]] {asked.record.channel.name}: budget = {budget:g}"
    said = f"saved in {path}: {what}\nthe old file is {kept}\nwhat runs takes it up at once"
    print(said, file=sys.stderr if quiet else sys.stdout)


def _unsaved(channel: str | None, topic: str | None, claimant: str | None, budget: float | None) -> str:
    if budget is None or claimant:
        return "Nothing was changed. --budget B shows what another budget would mean."
    part = f" --topic {topic}" if topic else ""
    return f"Nothing was changed. To save it: deadair tune {channel}{part} --budget {budget:g} --save"
