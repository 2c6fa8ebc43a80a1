"""Who tells of an act: what the archive holds of it, read once and remembered for a while.

An act that many channels repeat is looked at with each of them; of its claims
only whether they stand changes.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.acts import Voice
from storage.claims import Standing
from storage.store import Transaction

_MOST = 30_000  #: claims that are remembered, 1.6 KB each; with fewer, a flood reads them again and again


class Voices:
    """Of one reader version at a time."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._known: OrderedDict[int, Voice] = (
            OrderedDict()
        )  #: by the claim's number, the last asked for last
        self._version = 0

    async def of(
        self, tx: Transaction, incidents: Collection[int], version: int
    ) -> Mapping[int, tuple[Voice, ...]]:
        """Each claim of these acts, also those that no longer stand, in the order in which they were read."""
        if version != self._version:
            self._known.clear()
            self._version = version
        now = await tx.claims.standing_of(incidents)
        strange = [each.id for each in now if not self._knows(each)]
        for claim, text in await tx.claims.with_text(strange):
            self._known[claim.id] = Voice(claim=claim, text=text)
        out: dict[int, list[Voice]] = {n: [] for n in incidents}
        for each in now:
            if (voice := self._known.get(each.id)) is None:
                continue  # its post is gone
            self._known.move_to_end(each.id)
            claim = voice.claim
            if (claim.superseded_at, claim.withdrawn_at) != (each.superseded_at, each.withdrawn_at):
                claim = replace(claim, superseded_at=each.superseded_at, withdrawn_at=each.withdrawn_at)
                self._known[each.id] = voice = Voice(claim=claim, text=voice.text)
            out[each.incident_id].append(voice)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return {n: tuple(found) for n, found in out.items()}

    def forget(self, before: datetime) -> None:
        """Let go of what was posted before then: hardly anybody will repeat it any more."""
        for number in [n for n, voice in self._known.items() if voice.claim.posted_at < before]:
            del self._known[number]

    def _knows(self, each: Standing) -> bool:
        """Numbers of claims that retention removed may be given again."""
        voice = self._known.get(each.id)
        if voice is None:
            return False
        claim = voice.claim
        key = (claim.incident_id, claim.channel_id, claim.post_id, claim.number, claim.version)
        return key == (each.incident_id, each.channel_id, each.post_id, each.number, each.version)
