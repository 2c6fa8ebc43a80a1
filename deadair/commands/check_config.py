"""`deadair check-config`: what is wrong with the config, and what would run with it."""

from collections.abc import Iterator
from pathlib import Path

from collector.client import session_path
from collector.config import WEB
from collector.sealed import kept_at
from deadair.budgets import calendars_of
from deadair.config import FILE, NO_FILE, Setup, load
from deadair.lexicon import own_files
from deadair.plural import plural
from deadair.slices import prove
from domain.instant import say_span


def check_config(config: Path | None) -> None:
    setup = load(config)
    prove(setup)
    would_run = list(_would_run(setup))
    if setup.version == NO_FILE:
        print(f"there is no {FILE} in {Path.cwd()}, so the defaults count: name one with --config")
    else:
        print("the config is well formed")
    for line in would_run:
        print(f"  {line}")
    missing = list(_missing(setup))
    if missing:
        print("still missing before `deadair run` can do all of its work:")
        for line in missing:
            print(f"  {line}")


def _would_run(setup: Setup) -> Iterator[str]:
    from storage.engines import parse_url, shown

    config = setup.config
    yield f"archive: {shown(parse_url(setup.storage.url))}"
    yield f"accounts: {', '.join(account.name for account in config.accounts) or 'none'}"
    groups: dict[str, int] = {}
    for channel in config.channels:
        groups[channel.group or "no group"] = groups.get(channel.group or "no group", 0) + 1
    said = ", ".join(f"{n} in {group}" for group, n in sorted(groups.items()))
    yield f"channels: {len(config.channels)}{f' ({said})' if said else ''}"
    if n_web := sum(channel.source == WEB for channel in config.channels):
        yield f"of these from the public web preview, without an account: {n_web}"
    for name, topic in config.topics.items():
        met = [f"{len(topic.words)} words and phrases"] if topic.words else []
        met += [f"any of {', '.join(topic.any_of)}"] if topic.any_of else []
        yield f"topic {name}: {'; '.join(met)}"
    if files := own_files(setup):
        yield f"lexicon: the shipped one, and over it {', '.join(map(str, files))}"
    known = calendars_of(config)
    named = ", ".join(Path(name).name for name in config.alerts.calendars) or "none"
    own = f", and {len(known.channels)} channels with their own" if known.channels else ""
    yield f"calendars: {named} ({len(known.everywhere)} periods{own})"
    if (loose := _without_country(setup)) and any(p.countries for p in known.everywhere):
        yield f"  {loose} of the channels have no country, so no period of a country holds for them"
    rule = config.alerts.silence
    held = say_span(rule.hold)
    yield f"silence: {rule.budget:g} false alarms a month and channel accepted, held for {held}"
    yield f"bot: {plural(len(config.bot.owners), 'owner')}"


def _without_country(setup: Setup) -> int:
    return sum(c.country is None and c.calendar is None for c in setup.config.channels)


def _missing(setup: Setup) -> Iterator[str]:
    config = setup.config
    if not config.channels:
        yield "no channel to watch: add a [[channels]] section"
    by_account = [c for c in config.channels if c.source != WEB]
    if not config.accounts and (by_account or not config.channels):
        yield 'no account to watch with: add an [[accounts]] section, or source = "web" to the channels'
    if (config.accounts or by_account or not config.channels) and (
        setup.api_id is None or setup.api_hash is None
    ):
        yield "DEADAIR_API_ID and DEADAIR_API_HASH are not set (my.telegram.org)"
    for account in config.accounts:
        if not kept_at(session_path(account, setup.folder)).is_file():
            yield f"account {account.name} is not logged in: deadair login {account.name}"
    if setup.bot_token is None:
        yield "DEADAIR_BOT_TOKEN is not set (@BotFather)"
    if not config.bot.owners:
        yield "nobody owns the bot: put your own number into [bot] owners"
