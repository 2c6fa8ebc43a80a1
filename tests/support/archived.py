"""What `searching.fill` holds, with incidents and episodes: one of everything that the API serves."""

from dataclasses import replace

from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Verdict
from domain.opinion import Opinion, Says
from domain.reading import Reading
from storage.store import Store
from tests.support.searching import FALCON, HERON, HOUR, MINUTE, NOON, claim, fill, post


async def fill_all(store: Store) -> None:
    await fill(store)
    async with store.begin() as tx:
        await tx.tallies.add(
            [
                Reading(channel_id=c, post_id=n, posted_at=NOON + n * MINUTE, reader_version=1, topics=topics)
                for c, n, topics in (
                    (FALCON, 1, ("drones",)),
                    (FALCON, 2, ()),
                    (FALCON, 3, ("drones",)),
                    (HERON, 4, ()),
                )
            ]
        )
        (number,) = await tx.claims.open_incidents([(NOON + 2 * MINUTE, NOON + 3 * MINUTE)], 1)
        await tx.claims.put(
            [
                replace(claim(2, "kh", "ain_asad", "rocket"), incident_id=number),
                replace(claim(3, "nujaba", "ain_asad", "drone"), incident_id=number),
            ]
        )
        for n, state in enumerate((State.CLOSED, State.OPEN), 1):
            episode = await tx.episodes.save(
                Episode(
                    id=0,
                    kind=Kind.SILENCE,
                    subject=Subject(channel_id=FALCON),
                    state=state,
                    since_at=NOON + n * HOUR,
                    found_at=NOON + (n + 1) * HOUR,
                    opened_at=NOON + (n + 1) * HOUR,
                    closed_at=NOON + (n + 2) * HOUR if state is State.CLOSED else None,
                    verdict=Verdict.confirmed(Cause.UNEXPLAINED, "we watched all of it"),
                    expected=4.5,
                    probability=0.001,
                )
            )
            await tx.episodes.record(Transition(move=Move.OPENED, at=episode.found_at, episode=episode))
        await tx.opinions.add(
            Opinion(episode_id=1, at=NOON + 5 * HOUR, says=Says.CONFIRMED, by="Ana", note="so it was")
        )


async def one_more(store: Store, n: int, text: str) -> None:
    """A post that arrives while somebody pages."""
    from tests.support.searching import put

    await put(store, post(n, text))
