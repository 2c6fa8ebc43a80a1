"""What posts are read with, as the config wants it: the lexicon with own files over it, topics, channels."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.config import AlertsConfig
from claims.config import word_topics
from deadair.config import ConfigError, Setup
from domain.place import place

if TYPE_CHECKING:
    from claims.lexicon.load import Lexicon
    from claims.version import Reads
    from collector.config import ChannelConfig


def own_files(setup: Setup) -> tuple[Path, ...]:
    """The files that `[claims] lexicon` names; a relative path counts from the config's folder."""
    return tuple(place(setup.folder, path) for path in setup.config.claims.lexicon)


def lexicon_of(setup: Setup) -> "Lexicon":
    """The lexicon to read with. Raises ConfigError that tells what is wrong with each of the own files."""
    from claims.lexicon.errors import LexiconError
    from claims.lexicon.load import load

    files = own_files(setup)
    try:
        return load(files)
    except LexiconError as error:
        found = list(_mistakes(files))
        if len(found) < 2:
            raise
        lines = "\n".join(f"  {line}" for line in found)
        raise ConfigError(
            f"{len(found)} files of [claims] lexicon cannot be used:\n{lines}",
            hint="mend them, or take them out of [claims] lexicon",
        ) from error


def names_entries(setup: Setup) -> bool:
    """Does the config name entries of the lexicon, which only the lexicon can prove?"""
    config = setup.config
    return (
        any(topic.any_of for topic in config.topics.values())
        or any(channel.resistance for channel in config.channels)
        or config.alerts.topics != AlertsConfig().topics
    )


def reads_of(setup: Setup) -> "Reads":
    """All that a reading depends on. Raises ConfigError that names each topic and channel that is wrong."""
    from claims.version import Reads

    config, lexicon = setup.config, lexicon_of(setup)
    found = [
        *_unknown_topics(setup, lexicon),
        *_unknown_judged(setup, lexicon),
        *_unknown_actors(setup, lexicon),
    ]
    if found:
        lines = "\n".join(f"  {line}" for line in found)
        raise ConfigError(
            f"the config names what the lexicon does not know:\n{lines}",
            hint="`deadair lexicon show` lists every entry; files of [claims] lexicon add more",
        )
    return Reads(
        lexicon=lexicon,
        topics=word_topics(config.topics),
        channels={_key(channel): (channel.zone, channel.resistance) for channel in config.channels},
    )


def resistance_in(reads: "Reads", given: str | None) -> Callable[[str | None], str | None]:
    """Whom a channel, by its handle or number, means by a bare "the Islamic Resistance".

    `given` stands for every channel of which the config does not say so. Raises ConfigError when the lexicon
    does not know it.
    """
    if given is not None and given not in (known := _axis(reads.lexicon)):
        raise ConfigError(
            f"--resistance {given}: no axis actor of the lexicon",
            hint=f"they are: {', '.join(known)}",
        )
    named = {name: means[1] for name, means in reads.channels.items() if means[1]}

    def meant(channel: str | None) -> str | None:
        return named.get(_name(channel), given) if channel else given

    return meant


def claimant_names(lexicon: "Lexicon") -> dict[str, str]:
    """What people call each claimant: the first English name that the lexicon has for it."""
    from claims.lexicon.entries import Layer

    names: dict[str, str] = {}
    for (layer, actor), surfaces in lexicon.surfaces.items():
        if layer is Layer.ACTOR:
            names[actor] = next((written for language, written in surfaces if language == "en"), actor)
    return names


def names_by_language(lexicon: "Lexicon") -> dict[str, dict[str, dict[str, str]]]:
    """The first name that the lexicon has in each language for each actor, place and weapon."""
    from claims.lexicon.entries import Layer

    names: dict[str, dict[str, dict[str, str]]] = {}
    for (layer, key), surfaces in lexicon.surfaces.items():
        if layer in (Layer.ACTOR, Layer.PLACE, Layer.WEAPON):
            for language, written in surfaces:
                names.setdefault(language, {}).setdefault(layer.value, {}).setdefault(key, written)
    return names


def entry_names(lexicon: "Lexicon") -> dict[str, str]:
    """What people call each actor, place, weapon and target: the first English name of the lexicon."""
    from claims.lexicon.entries import Layer

    names: dict[str, str] = {}
    for layer in (Layer.TARGET, Layer.WEAPON, Layer.PLACE, Layer.ACTOR):  # the last named counts
        for (of, entry), surfaces in lexicon.surfaces.items():
            if of is layer and (written := next((w for lang, w in surfaces if lang == "en"), None)):
                names[entry] = written
    return names


def _name(channel: str) -> str:
    """A channel as rows of posts name it, the way the config's are kept."""
    bare = channel.strip().removeprefix("https://").removeprefix("http://").removeprefix("t.me/")
    return bare.removeprefix("s/").removeprefix("@").removeprefix("-100").rstrip("/").casefold()


def _key(channel: "ChannelConfig") -> str:
    return channel.handle.casefold() if channel.handle else str(channel.id)


def _unknown_topics(setup: Setup, lexicon: "Lexicon") -> Iterator[str]:
    for name, topic in setup.config.topics.items():
        for other in topic.any_of:
            if other not in lexicon.topics:
                yield (
                    f"[topics.{name}] any_of: {other!r} is no topic of the lexicon; "
                    f"they are: {', '.join(lexicon.topics)}"
                )


def _unknown_judged(setup: Setup, lexicon: "Lexicon") -> Iterator[str]:
    known = {*lexicon.topics, *setup.config.topics}
    for name in setup.config.alerts.topics:
        if name not in known:
            yield (
                f"[alerts] topics: {name!r} is neither a topic of the lexicon nor one of yours; "
                f"they are: {', '.join(sorted(known))}"
            )


def _unknown_actors(setup: Setup, lexicon: "Lexicon") -> Iterator[str]:
    known = _axis(lexicon)
    for channel in setup.config.channels:
        if channel.resistance and channel.resistance not in known:
            yield (
                f"channels: {channel.name}: resistance is {channel.resistance!r}, which is no axis actor "
                f"of the lexicon; they are: {', '.join(known)}"
            )


def _axis(lexicon: "Lexicon") -> list[str]:
    return sorted(actor.id for actor in lexicon.actors.values() if actor.side == "axis")


def _mistakes(files: Sequence[Path]) -> Iterator[str]:
    """The first mistake of each file, laid over those files before it that have none."""
    from claims.lexicon.errors import LexiconError
    from claims.lexicon.load import load

    good: list[Path] = []
    for path in files:
        try:
            load([*good, path])
        except LexiconError as error:
            yield f"{error.what}. {error.hint}" if error.hint else error.what
        else:
            good.append(path)
