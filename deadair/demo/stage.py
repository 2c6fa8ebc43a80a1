"""The embedded parts of the demo: a Telegram on loopback, an account in it, a subscriber's phone."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from alerts.config import AlertsConfig
from bot.config import BotConfig
from claims.config import TopicConfig
from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from deadair.config import Config, Setup
from domain.clock import FastClock
from sandbox.botapi.people import Person
from sandbox.botapi.server import SANDBOX_TOKEN
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.scenario import Scenario
from sandbox.server import Sandbox
from storage.config import StorageConfig

ACCOUNT = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the demo plays on, and the config that points Deadair at it."""

    scenario: Scenario
    clock: FastClock
    telegram: Sandbox
    subscriber: Person
    setup: Setup


@asynccontextmanager
async def staged(scenario: Scenario, clock: FastClock, folder: Path) -> AsyncIterator[Stage]:
    """Set the scenario up, its past filled in, its live part not yet begun."""
    async with Sandbox(scenario, clock=clock) as telegram:
        session = telegram.session_file(folder / "sessions" / f"{ACCOUNT}.session")
        subscriber = telegram.bot_api.person("Sara")
        config = _config(scenario, telegram.port, telegram.bot_url, subscriber.id, session)
        yield Stage(
            scenario=scenario,
            clock=clock,
            telegram=telegram,
            subscriber=subscriber,
            setup=Setup(
                config=config.model_copy(
                    update={"storage": StorageConfig(url=f"sqlite:///{folder / 'deadair.db'}")}
                ),
                folder=folder,
                api_id=1,
                api_hash="sandbox",
                bot_token=SANDBOX_TOKEN,
            ),
        )


def _config(scenario: Scenario, port: int, api_base: str, owner: int, session: Path) -> Config:
    """The config a user would write for these channels, with the pace of a clock that runs fast."""
    return Config(
        accounts=(AccountConfig(name=ACCOUNT, session=str(session)),),
        channels=tuple(
            ChannelConfig(handle=each.handle, group=each.group, zone=each.zone or scenario.zone, join=True)
            for each in scenario.channel
        ),
        topics={topic.name: TopicConfig(words=topic.words) for topic in scenario.topic if topic.words},
        collector=CollectorConfig(
            server=f"127.0.0.1:{port}",
            server_key=SANDBOX_PUBLIC_KEY,
            # An hour of the demo's clock passes in less than half a second of the machine's.
            reconcile_every=timedelta(minutes=30),
            confirm_every=timedelta(minutes=30),
            probe_every=timedelta(minutes=30),
            answer_within=2.0,
            retry_min=0.1,
            retry_max=0.2,
            call_budgets=(),
            stand_in_after=timedelta(hours=2),
            history_pause=timedelta(0),
            join_pause=timedelta(0),
            recheck_every=timedelta(hours=12),
        ),
        # Its scenarios are about silence: on few days of few channels, the one drop or surge in months that
        # the usual budget allows by chance would be taken for part of the story.
        alerts=AlertsConfig.model_validate(
            {"blind": {"after": "2h"}, "poll": "10m", "drop": {"budget": 0.02}, "surge": {"budget": 0.02}}
        ),
        bot=BotConfig(
            owners=(owner,),
            api_base=api_base,
            zone=scenario.zone,
            polling=timedelta(seconds=2),
            timeout=timedelta(seconds=5),
            lease=timedelta(days=1),
            poll=timedelta(hours=1),
            simulated=True,
        ),
    )


def config_text(scenario: Scenario) -> str:
    """A config.toml by which the archive of a demo that was kept can be looked at and replayed."""
    lines = ["# The archive of a simulated run: everything in it is invented."]
    for each in scenario.channel:
        lines += ["[[channels]]", f"handle = {json.dumps(each.handle)}"]
        if each.group:
            lines.append(f"group = {json.dumps(each.group)}")
        lines.append(f"zone = {json.dumps(each.zone or scenario.zone)}")
    for topic in scenario.topic:
        if topic.words:
            words = json.dumps(topic.words, ensure_ascii=False)
            lines += [f"[topics.{topic.name}]", f"words = {words}"]
    return "\n".join(lines) + "\n"
