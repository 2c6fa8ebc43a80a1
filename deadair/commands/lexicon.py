"""`deadair lexicon`: is the lexicon sound, and what does it hold."""

from collections import defaultdict
from pathlib import Path

from claims.lexicon.entries import Layer
from claims.lexicon.show import entry, summary
from deadair.config import load
from deadair.lexicon import lexicon_of, own_files


def check(config: Path | None) -> None:
    setup = load(config)
    said = summary(lexicon_of(setup))
    for path in own_files(setup):
        print(f"laid over it: {path}")
    print(said, end="")
    print("the lexicon is sound")


def show(config: Path | None, name: str | None) -> None:
    lexicon = lexicon_of(load(config))
    if name is not None:
        print(entry(lexicon, name), end="")
        return
    ids: dict[Layer, list[str]] = defaultdict(list)
    for layer, id_ in lexicon.surfaces:
        ids[layer].append(id_)
    ids[Layer.TOPIC] = list({**dict.fromkeys(ids[Layer.TOPIC]), **dict.fromkeys(lexicon.topics)})
    for layer in Layer:
        print(f"{layer.value}: {' '.join(sorted(ids[layer])) or 'none'}")
