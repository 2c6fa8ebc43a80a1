"""The lexicon as the config wants it: the shipped one with the operator's own files laid over it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deadair.config import ConfigError, Setup
from deadair.secrets import place

if TYPE_CHECKING:
    from claims.lexicon.load import Lexicon


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
