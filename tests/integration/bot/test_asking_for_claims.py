"""Claims of attacks, asked for over HTTP."""

from domain.clock import WallClock
from domain.finding import Kind
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.asking import NAMES, VERSION, analyst, channel_with_a_past, claimed, plain
from tests.support.tapping import labels


async def test_claims_are_listed_by_page_by_claimant_and_by_place(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store)
    bela = await analyst(server, store)
    await run_bot(names=NAMES)
    bela.say("/claims")
    (message,) = await server.received(bela.id)
    words = plain(message)
    assert words.startswith("Latest claims and reports of attacks\n\n")
    assert words.count("“#") == 5
    assert "claimed · where: Harir · with: drone · in Claims <i>" in words
    assert "“#1 Kataib Hezbollah struck Harir with drones”" in words
    assert words.endswith("Page 1")
    bela.press("Next »")
    await server.until(lambda: "#6 " in plain(message))
    bela.press("Next »")
    await server.until(lambda: "#11 " in plain(message))
    assert "Next »" not in labels(message)
    bela.press("By claimant")
    await server.until(lambda: "Kataib Hezbollah (6)" in labels(message))
    bela.press("Kataib Hezbollah (6)")
    await server.until(lambda: plain(message).startswith("Claims by Kataib Hezbollah"))
    assert "Houthis" not in plain(message)
    bela.press("By place")
    await server.until(lambda: labels(message)[:2] == ["Harir (8)", "Red Sea (4)"])
    bela.press("Red Sea (4)")
    await server.until(lambda: plain(message).startswith("Claims about Red Sea"))
    assert plain(message).count("“#") == 4


async def test_claims_are_asked_for_by_name_and_an_unknown_one_is_answered_with_the_nearest(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store)
    bela = await analyst(server, store)
    await run_bot(names=NAMES)
    for words in ("/claims كتائب حزب الله", "/claims red sea", "/claims Kataib Hizbollah", "/claims zzz"):
        bela.say(words)
    answers = [plain(m) for m in await server.received(bela.id, 4)]
    assert answers[0].startswith("Claims by Kataib Hezbollah")
    assert answers[1].startswith("Claims about Red Sea")
    assert answers[2] == (
        "I know neither a claimant nor a place called Kataib Hizbollah. Did you mean Kataib Hezbollah?"
    )
    assert answers[3] == "I know neither a claimant nor a place called zzz."


async def test_a_claim_that_was_withdrawn_is_not_among_them(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store, 1)
    async with store.begin() as tx:
        (found,) = await tx.claims.of_post(7, 1, VERSION)
        await tx.claims.supersede([(found.id, WallClock().now())])
    bela = await analyst(server, store)
    await run_bot()
    bela.say("/claims")
    (message,) = await server.received(bela.id)
    assert plain(message) == "No claim of an attack is known yet."


#: Of another year than this one, whenever this is run.


async def test_answers_are_in_the_readers_language_and_digits(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await claimed(store)
    await channel_with_a_past(store)
    bela = await analyst(server, store, "ar")
    await run_bot(names=NAMES)
    bela.say("/claims")
    bela.say("/channel @chan_1")
    claims, channel = await server.received(bela.id, 2)
    assert "كتائب حزب الله" in claims.text
    assert "حرير" in claims.text
    assert "طائرة مسيرة" in claims.text
    assert "العراق" in (channel.text)
    assert "بتوقيت بغداد" in (channel.text)
    kinds = {k.value for k in Kind}
    assert not any(kind in plain(channel) for kind in kinds)
