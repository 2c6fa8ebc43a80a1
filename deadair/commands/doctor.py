"""`deadair doctor`: everything that can keep Deadair from its work is looked at; says what is wrong and what
to do.
"""

import asyncio
import importlib
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from collector.config import WEB
from deadair.addresses import examine_heartbeat, examine_listening
from deadair.at_work import AtWork, archive_path, examine_running, read_at_work
from deadair.check_list import show_check, sum_up
from deadair.config import Setup, load
from deadair.exposed import examine_archive_file, examine_secrets
from deadair.log import LogConfig, set_up
from deadair.plural import plural
from domain.check import Check, Level
from domain.clock import WallClock
from domain.errors import DeadairError
from domain.place import place


def doctor(config: Path | None, *, as_json: bool) -> None:
    """Exit status 1 when something is wrong."""
    set_up(LogConfig(level="error", format="text"))
    logging.disable(logging.CRITICAL)  # what goes wrong is told once, by its check
    found = asyncio.run(_examine(config, as_json=as_json))
    if as_json:
        well = all(check.level is not Level.WRONG for check in found)
        document = {"well": well, "checks": [asdict(check) for check in found]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        well = sum_up(found)
    if not well:
        sys.exit(1)


async def _examine(config: Path | None, *, as_json: bool) -> list[Check]:
    out = []
    async for check in checks(config):
        out.append(check)
        if not as_json:
            show_check(check)
    return out


async def checks(path: Path | None) -> AsyncIterator[Check]:
    try:
        setup = load(path)
    except DeadairError as error:
        yield Check.failed("config", error)
        return
    channels, accounts = len(setup.config.channels), len(setup.config.accounts)
    if channels:
        yield Check.well("config", f"{plural(channels, 'channel')}, {plural(accounts, 'account')}")
    else:
        yield Check.wrong("config", "it names no channel to watch", "add a [[channels]] section")
    for check in examine_secrets(setup, path):
        yield check
    now = WallClock().now()
    found = await read_at_work(setup, now)
    if found.is_known:
        yield examine_running(found, setup.version)
    async for check in _archive(setup):
        yield check
    for check in _folders(setup, found, now):
        yield check
    for check in examine_listening(setup.config, found.configs):
        yield check
    if (heartbeat := await examine_heartbeat(setup.config.health.heartbeat_url)) is not None:
        yield heartbeat
    async for check in _telegram(setup, found):
        yield check
    importlib.import_module("bot.models")  # before anything else that is of aiogram
    from bot.examine import examine_bot

    for check in await examine_bot(setup.config.bot, setup.bot_token):
        yield check


async def _archive(setup: Setup) -> AsyncIterator[Check]:
    from storage.examine import examine_archive

    for check in await examine_archive(setup.storage, WallClock().now()):
        yield check
    path = archive_path(setup)
    if path is not None and (exposed := examine_archive_file(path)) is not None:
        yield exposed


def _folders(setup: Setup, found: AtWork, now: datetime) -> Iterator[Check]:
    from collector.examine import examine_files
    from storage.backup.examine import examine_backups, size_of

    config = setup.config
    backups = place(setup.folder, config.backup.folder)
    yield from examine_backups(config.backup, backups, found.backups, now, size_of(archive_path(setup)))
    if any(channel.files for channel in config.channels):
        folder = place(setup.folder, config.collector.files.folder)
        yield examine_files(folder, config.collector.files.reserve)


async def _telegram(setup: Setup, found: AtWork) -> AsyncIterator[Check]:
    from collector.examine import examine_accounts
    from deadair.wiring import application

    if not setup.config.accounts and _by_web(setup):
        yield Check.well("accounts", "none is needed: every channel is read from t.me")
        return
    app = None
    try:
        app = application(setup)
    except DeadairError as error:
        yield Check.failed("application", error)
    config = setup.config
    async for check in examine_accounts(
        config.collector,
        config.accounts,
        app,
        WallClock(),
        folder=setup.folder,
        at_work=found.accounts,
    ):
        yield check


def _by_web(setup: Setup) -> bool:
    """Can all of it be read without an account?"""
    channels = setup.config.channels
    return bool(channels) and all(channel.source == WEB for channel in channels)
