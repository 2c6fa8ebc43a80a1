"""Which claims tell of the same act, across posts, channels and languages.

Claims are told one after another, also ones older than what is known; each gets the number of an act that is
known, or a new one, and keeps it. A denial is never merged with what it denies: only claims of attacks are
matched. What a claim is compared with is looked up by what a match needs (place, claimant, ship, line of
text), so that its cost grows with what happened around it and not with the archive.
"""

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from claims.act import DATED_WINDOW, HORIZON, REPORT_WINDOW, WINDOW, Act, Case, Key, Told, with_one
from claims.copies import heads
from claims.face import ENOUGH, Face
from claims.lexicon.entries import Place
from claims.nearby import Nearby
from claims.pairing import best_pairs

__all__ = ["HORIZON", "Acts", "Joined", "Key", "Told", "match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The act that a claim tells of, and why."""

    number: int
    opened: bool  #: no act that was known fits
    score: float = 0.0  #: how much spoke for it; 0 when it was opened, or known before


class Acts:
    """The acts of a time, which claims join or open. `free` is the first number for a new act."""

    def __init__(self, places: Mapping[str, Place], *, free: int = 1) -> None:
        self._nearby = Nearby(places)
        self._free = free
        self._acts: dict[int, Act] = {}
        self._of: dict[Key, tuple[int, Face]] = {}
        self._keys: dict[int, set[Hashable]] = {}
        #: key -> the acts kept under it by time; those told as news, and those of which only echoes are known
        self._index: dict[tuple[bool, Hashable], list[tuple[datetime, int]]] = {}
        self._posts: dict[Hashable, tuple[int, ...]] = {}
        self.compared = 0  #: how many pairs of claims were compared so far

    def known(self, told: Told, number: int) -> None:
        """A claim that has its number already. Versions of one claim in their order."""
        self._free = max(self._free, number + 1)
        self._join(number, Case(told))

    def tell(self, told: Told) -> Joined:
        """The act of a claim: one that is known when it fits, else a new one."""
        return self.tell_post([told])[0]

    def tell_post(self, told: Sequence[Told]) -> list[Joined]:
        """The acts of claims of one post, each another: the pairs that fit best together.

        A later version of a claim stays with its act as long as nothing that others tell speaks against it.
        """
        cases = [Case(one) for one in told]
        out: dict[int, Joined] = {}
        for place, case in enumerate(cases):
            if (kept := self._kept_by(case)) is not None:
                out[place] = Joined(number=kept, opened=False)
                self._join(kept, case)
        left = [place for place in range(len(cases)) if place not in out]
        scores = [self._scores(cases[place]) for place in left]
        numbers = sorted({number for row in scores for number in row}, reverse=True)
        for row, column in best_pairs([[row.get(n, (0.0, 0.0))[1] for n in numbers] for row in scores]):
            score = scores[row][numbers[column]][0]
            out[left[row]] = Joined(number=numbers[column], opened=False, score=score)
        for place in left:
            if place not in out:
                out[place] = Joined(number=self._free, opened=True)
                self._free += 1
            self._join(out[place].number, cases[place])
        return [out[place] for place in range(len(cases))]

    def forget(self, before: datetime) -> None:
        """Drop the acts that were last told of before then; nothing new is matched with them."""
        for act in [act for act in self._acts.values() if act.last_at < before]:
            self._drop(act)

    def unite(self, number: int, told: Sequence[Told]) -> int:
        """The earlier act that this one, with all that tells of it, turns out to be; itself when none does.

        One claim may bring together what had nothing in common when it was told. For a file that is matched
        as a whole: where numbers were given out, they stay.
        """
        cases = [Case(one) for one in told]
        act = self._acts[number]
        best = 0.0, number
        for other in {a.number: a for case in cases for a in self._candidates(case)}.values():
            if other.number == number or (other.first_at, other.number) > (act.first_at, number):
                continue
            self.compared += len(other.faces) * len(cases)
            scores = [other.fit(case, self._nearby) for case in cases]
            if min(scores) >= 0 and max(scores) >= ENOUGH:
                best = max(best, (max(scores), other.number))
        if best[1] != number:
            for case in cases:
                self._join(best[1], case)
            self._drop(act)
        return best[1]

    def _drop(self, act: Act) -> None:
        for key in self._keys.pop(act.number):
            self._take_out(key, act)
        del self._acts[act.number]
        for post, claims in act.posts.items():
            left = tuple(number for number in self._posts.pop(post) if number != act.number)
            if left:
                self._posts[post] = left
            for claim in claims:
                if self._of.get((post, claim), (0, None))[0] == act.number:
                    del self._of[post, claim]

    def _kept_by(self, case: Case) -> int | None:
        """The act that this claim, told before in an earlier version, stays with."""
        number, face = self._of.get(case.told.key, (0, None))
        if face is None:
            return None
        if face != case.face:
            act = self._acts[number]
            self.compared += len(act.faces)
            if not act.may_keep(case, self._nearby):
                return None
        return number

    def _scores(self, case: Case) -> dict[int, tuple[float, float]]:
        """The acts that fit a claim, with how well; the second figure prefers the nearest in time."""
        out: dict[int, tuple[float, float]] = {}
        for act in self._candidates(case):
            self.compared += len(act.faces)
            score = act.fit(case, self._nearby)
            if score >= ENOUGH:
                apart = abs(case.at - act.last_at) / (abs(case.at - act.last_at) + HORIZON)
                out[act.number] = score, score - apart / 1000
        return out

    def _candidates(self, case: Case) -> Iterator[Act]:
        """The acts that may fit, each once."""
        met = set(self._posts.get(case.told.origin, ())) if case.told.origin is not None else set()
        back = HORIZON if case.told.forwarded else max(case.reach, DATED_WINDOW)
        for key in self._wanted(case):
            for echo, ahead in ((False, DATED_WINDOW), (True, HORIZON)):
                found = self._index.get((echo, key), [])
                for at, number in found[bisect_left(found, (case.at - back, 0)) :]:
                    if at > case.at + ahead:
                        break
                    met.add(number)
        return (self._acts[number] for number in sorted(met))

    def _wanted(self, case: Case) -> Iterator[Hashable]:
        """Under which keys an act that fits this claim is found."""
        face = case.face
        if face.tally:
            yield from _own_keys(face)
            return
        if face.place is not None:
            yield from (("place", place) for place in self._nearby.of(face.place))
        if face.claimant is not None:
            # Who names a place is compared with those who name none, and the other way round.
            yield ("claimant" if self._is_loose(face) else "loose"), face.claimant
        if face.words:
            yield "outside", face.country
            yield "outside", "somewhere" if face.country else "anywhere"
        if face.ships:
            yield ("ships",)
        yield from (("line", head) for head in heads(case.lines))

    def _own(self, case: Case) -> set[Hashable]:
        """Under which keys an act with this claim is kept."""
        keys = set(_own_keys(case.face))
        if not case.face.tally:
            keys.update(("line", head) for head in heads(case.lines))
            if case.face.claimant is not None and self._is_loose(case.face):
                keys.add(("loose", case.face.claimant))
        return keys

    def _is_loose(self, face: Face) -> bool:
        return face.place is None or self._nearby.is_broad(face.place)

    def _join(self, number: int, case: Case) -> None:
        key = case.told.key
        act = self._acts.get(number)
        if act is None:
            act, kept = Act(number, case.at), set[Hashable]()
            self._acts[number] = act
        else:
            kept = self._keys[number]
        before, face = self._of.get(key, (0, None))
        if face is not None and before in self._acts and (face != case.face or before != number):
            self._acts[before].faces[face].discard(key)
        was = act.first_at, act.only_echoes
        moves = bool(kept) and (case.at < act.first_at or (act.only_echoes and _is_news(case)))
        for old in kept if moves else ():
            self._take_out(old, act)
        act.take(case)
        wanted = self._own(case)
        assert moves or not kept or was == (act.first_at, act.only_echoes)  # noqa: S101 - else the index lies
        for new in (wanted | kept) if moves else wanted - kept:
            insort(self._index.setdefault((act.only_echoes, new), []), (act.first_at, number))
        self._keys[number] = kept | wanted
        self._posts[case.told.post] = with_one(self._posts.get(case.told.post, ()), number)
        self._of[key] = number, case.face

    def _take_out(self, key: Hashable, act: Act) -> None:
        found = self._index[act.only_echoes, key]
        del found[bisect_left(found, (act.first_at, act.number))]
        if not found:
            del self._index[act.only_echoes, key]


def match(told: Iterable[Told], places: Mapping[str, Place]) -> dict[Key, int]:
    """Number the acts: claims with the same number tell of the same one. Order of input does not matter."""
    acts = Acts(places)
    members: dict[int, list[Told]] = {}
    ordered = sorted(told, key=lambda t: (t.posted_at, str(t.post), t.number))
    for _, claims in groupby(ordered, key=lambda t: t.post):
        of_post = list(claims)
        for one, joined in zip(of_post, acts.tell_post(of_post), strict=True):
            members.setdefault(joined.number, []).append(one)
    for number in list(members):
        united = acts.unite(number, members[number])
        if united != number:
            members[united] += members.pop(number)
    return {one.key: number for number, claims in members.items() for one in claims}


def _own_keys(face: Face) -> Iterator[Hashable]:
    if face.tally:
        yield "tally", face.claimant, face.n_operations
        return
    if face.place is not None:
        yield "place", face.place
    if face.words:
        yield "outside", face.country or "somewhere"
        yield "outside", "anywhere"
    if face.claimant is not None:
        yield "claimant", face.claimant
    if face.ships:
        yield ("ships",)


def _is_news(case: Case) -> bool:
    return case.reach in (WINDOW, REPORT_WINDOW)
