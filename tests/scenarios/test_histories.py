"""Histories as data, with the episodes they must give, and none besides."""

import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Move, Transition
from domain.instant import parse_span
from domain.reading import Reading
from tests.support.rhythms import MONDAY, WEEKS, Story, channel, told

HISTORIES = tomllib.loads((Path(__file__).parent / "histories.toml").read_text("utf-8"))["history"]
BEGIN = MONDAY + WEEKS
LOOK = timedelta(minutes=30)


def tell(plan: dict[str, Any]) -> Story:
    rate, share = plan["per_day"], plan.get("share")
    topics = {"attacks": share} if share else None
    story = Story(plan["number"], seed=8).posts(WEEKS, rate, topics=topics)
    for span, per_day in plan["then"]:
        if per_day:
            story.posts(parse_span(span), per_day, topics=None if plan.get("topic_stops") else topics)
        else:
            story.quiet(parse_span(span))
    return story


def play(history: dict[str, Any]) -> list[Transition]:
    """As it would have been lived: looked at every half hour, blind where it says so."""
    stories = [tell(plan) for plan in history["channels"]]
    groups = {plan["number"]: plan.get("group") for plan in history["channels"]}
    made = {plan["number"]: plan.get("country") for plan in history["channels"]}
    them = [replace(channel(n, g), country=made[n]) for n, g in groups.items()]
    panel = Panel(them, AlertsConfig(), decide_from=BEGIN)
    if gone := history.get("gone"):
        panel.befell(
            ChannelEvent(
                channel_id=gone["channel"],
                at=BEGIN + parse_span(gone["at"]),
                change=ChannelChange.GONE,
                status=ChannelStatus.BANNED,
                evidence="CHANNEL_PRIVATE",
            )
        )
    blind = history.get("blind")
    hole = (BEGIN + parse_span(blind["from"]), BEGIN + parse_span(blind["to"])) if blind else None
    waiting = sorted((r for s in stories for r in s.readings), key=lambda r: r.posted_at)
    end, now, out = max(s.end for s in stories), BEGIN, list[Transition]()
    while now < end:
        now += LOOK
        if hole and hole[0] < now <= hole[1]:
            out += panel.advance(now)
            continue
        missed = bool(hole and now > hole[1] and not blind["filled"])
        for story in stories:
            panel.watched(story.number, MONDAY, min(now, hole[0]) if missed and hole else now)
            if missed and hole:
                panel.watched(story.number, hole[1], now)
        due = [r for r in waiting if r.posted_at <= now]
        waiting = waiting[len(due) :]
        for reading in due:
            if not (missed and hole and hole[0] < reading.posted_at < hole[1]):
                panel.post(reading)
        out += panel.advance(now)
    return told(out)


@pytest.mark.parametrize("history", HISTORIES, ids=[h["name"] for h in HISTORIES])
def test_the_history_gives_its_episodes_and_none_besides(history: dict[str, Any]) -> None:
    steps = play(history)
    episodes = {t.episode.id: t.episode for t in steps}
    opened: dict[int, datetime] = {t.episode.id: t.at for t in steps if t.move is Move.OPENED}
    got = sorted(episodes.values(), key=lambda e: opened[e.id])
    wanted = history["episodes"]
    assert [
        (e.kind.value, e.subject.channel_id, e.subject.topic, e.subject.group, e.subject.country) for e in got
    ] == [(w["kind"], w.get("channel"), w.get("topic"), w.get("group"), w.get("country")) for w in wanted]
    for episode, want in zip(got, wanted, strict=True):
        onset = BEGIN + parse_span(want["onset"])
        assert onset <= opened[episode.id] <= onset + parse_span(want["within"])
        assert (episode.closed_at is not None) is want["closed"]


def test_a_history_is_the_same_each_time_it_is_told() -> None:
    def posts(plan: dict[str, Any]) -> list[Reading]:
        return tell(plan).readings

    plan = HISTORIES[0]["channels"][0]
    assert posts(plan) == posts(plan)
