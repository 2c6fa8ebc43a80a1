"""A letter is an alert made ready for one reader, with the chart of that alert and of no other."""

from dataclasses import replace

from bot.letter import Letters
from domain.episode import Move
from domain.subscription import Role, Subscriber
from tests.support.alerting import NOON, a_payload, an_alert

ANNA = Subscriber(chat_id=1, name="Anna", role=Role.ANALYST, zone="UTC", let_in_at=NOON, let_in_by="a test")


async def test_two_episodes_that_are_looked_at_again_have_each_its_own_chart() -> None:
    """What is shown at a chat's own wish is no alert of the outbox: it has no number yet."""
    letters = Letters()
    pictures = []
    for title in ("Falcon Front", "Al-Noor"):
        letter = await letters.write(an_alert(Move.REMINDED, id=0), a_payload(title), ANNA)
        assert letter.picture is not None
        pictures.append(letter.picture.png)
    assert pictures[0] != pictures[1]


async def test_an_alert_that_goes_to_many_readers_of_one_zone_is_drawn_once() -> None:
    letters = Letters()
    alert = an_alert()
    first, second = [await letters.write(alert, a_payload(), replace(ANNA, chat_id=n)) for n in (1, 2)]
    assert first.picture is second.picture
