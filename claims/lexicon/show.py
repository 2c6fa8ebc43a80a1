"""What the lexicon holds, for people: counts, one entry, and what is doubtful about it."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from claims.lexicon.entries import Layer
from claims.lexicon.load import Lexicon
from claims.normalise import fold_text
from domain.errors import DeadairError


def summary(lexicon: Lexicon) -> str:
    """How many entries and surfaces of each sort, and what two entries share."""
    entries: Counter[Layer] = Counter()
    surfaces: Counter[Layer] = Counter()
    for (layer, _), written in lexicon.surfaces.items():
        entries[layer] += 1
        surfaces[layer] += len(written)
    lines = [
        f"{layer.value:<10} {entries[layer]:>5} entries {surfaces[layer]:>6} surfaces" for layer in Layer
    ]
    shared = list(doubles(lexicon))
    lines.append(f"{len(shared)} surfaces stand for two entries of one sort" + (":" if shared else ""))
    lines += [f"  {line}" for line in shared]
    return "\n".join(lines) + "\n"


def doubles(lexicon: Lexicon) -> Iterator[str]:
    """Surfaces that two actors, places or weapons share in one language: the first of them wins in a text."""
    owners: dict[tuple[Layer, str, str], set[str]] = defaultdict(set)
    for (layer, id_), written in lexicon.surfaces.items():
        if layer in (Layer.ACTOR, Layer.PLACE, Layer.WEAPON):
            for lang, surface in written:
                owners[layer, lang, fold_text(surface)].add(id_)
    for (layer, lang, surface), ids in sorted(owners.items(), key=lambda o: (o[0][0].value, o[0][1:])):
        if len(ids) > 1:
            yield f"{layer.value} {lang} {surface}: {', '.join(sorted(ids))}"


def entry(lexicon: Lexicon, id_: str) -> str:
    """Everything under one id. Raises DeadairError that names the nearest ids when there is none."""
    found = [(layer, written) for (layer, name), written in lexicon.surfaces.items() if name == id_]
    if not found:
        near = sorted({name for _, name in lexicon.surfaces if id_[:3] and name.startswith(id_[:3])})
        raise DeadairError(
            f"the lexicon has no entry {id_!r}",
            hint=f"Near it: {', '.join(near[:8])}." if near else "See `deadair lexicon show` for all ids.",
        )
    lines: list[str] = []
    for layer, written in found:
        lines.append(f"{layer.value} {id_}{_about(lexicon, layer, id_)}")
        by_lang: dict[str, list[str]] = defaultdict(list)
        for lang, surface in written:
            by_lang[lang].append(surface)
        lines += [f"  {lang:<4} {' | '.join(surfaces)}" for lang, surfaces in by_lang.items()]
    return "\n".join(lines) + "\n"


def _about(lexicon: Lexicon, layer: Layer, id_: str) -> str:
    if layer is Layer.ACTOR and id_ in lexicon.actors:
        actor = lexicon.actors[id_]
        return f"  ({actor.side}, {actor.type})"
    if layer is Layer.PLACE and id_ in lexicon.places:
        place = lexicon.places[id_]
        return f"  ({place.kind}, {place.country}, {place.lat}, {place.lon})"
    return ""
