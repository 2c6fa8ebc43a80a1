"""The button that has a channel watched which may be taking over."""

from domain.candidate import Candidate, CandidateState
from domain.clock import WallClock
from domain.episode import State
from domain.finding import Cause, Kind, Verdict
from domain.subscription import Role
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import NOON, a_payload, let_in, put_out


async def told(server: BotApiServer, store: Store, role: Role) -> tuple[Person, int]:
    """Somebody of that role who is told of a candidate, and the candidate's number."""
    person = server.person("Sara", started=True)
    await let_in(store, person.id, role=role)
    async with store.begin() as tx:
        made, _ = await tx.candidates.put(
            Candidate(id=0, channel_id=1001, handle="falcon_reserve", found_at=NOON, evidence=("Named.",))
        )
    document = a_payload(change="candidate", status="open", after="@falcon_reserve", candidate=made.id)
    verdict = Verdict.confirmed(Cause.UNEXPLAINED, "Named in 3 of the last 200 posts.")
    at = WallClock().now()
    over = {"state": State.CLOSED, "closed_at": at}  # told and over at once, as the engine does it
    await put_out(store, person.id, at=at, payload=document, kind=Kind.CHANNEL, verdict=verdict, **over)
    return person, made.id


async def test_one_tap_writes_the_wish_down_and_takes_the_button_away(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    sara, number = await told(server, store, Role.OPS)
    await run_bot()
    (message,) = await server.received(sara.id)
    assert "Another channel may be taking over" in (message.text or message.caption or "")
    assert [button["text"] for button in message.buttons] == ["Watch @falcon_reserve", "Show posts"]
    press = sara.press("Watch @falcon_reserve")
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == "@falcon_reserve is taken into the watch within minutes."
    async with store.read() as tx:
        wish = await tx.candidates.get(number)
    assert wish is not None
    assert (wish.state, wish.asked_by) == (CandidateState.ASKED, f"chat {sara.id} ({sara.id})")
    await server.until(lambda: [button["text"] for button in message.buttons] == ["Show posts"])


async def test_who_may_not_have_channels_watched_sees_no_button(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    sara, number = await told(server, store, Role.ANALYST)
    await run_bot()
    (message,) = await server.received(sara.id)
    assert [button["text"] for button in message.buttons] == ["Show posts"]
    async with store.read() as tx:
        wish = await tx.candidates.get(number)
    assert wish is not None
    assert wish.state is CandidateState.FOUND
