"""What people mean when they type what they want to hear of."""

import pytest

from bot.answering import named_channel
from bot.subscribing import Known, Wish, read_wish
from domain.channel import Channel
from domain.finding import Kind
from domain.severity import Severity

RADIO = Channel(id=1, title="Radio Silence", handle="radio_silence")
DROP = Channel(id=2, title="The Drop", group="Grave")
FRANCE = Channel(id=3, title="France", handle="france")
KNOWN = Known(channels=[RADIO, DROP, FRANCE], topics=["attacks"], claimants={"kh": "Kataib Hezbollah"})


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Radio Silence", Wish(channel=RADIO)),
        ("the drop", Wish(channel=DROP)),
        ("radio silence silence", Wish(channel=RADIO, kind=Kind.SILENCE)),
        (
            "the drop topic:attacks drop grave",
            Wish(channel=DROP, topic="attacks", kind=Kind.DROP, least=Severity.GRAVE),
        ),
        ("grave", Wish(group="Grave")),
        ("@france surge", Wish(channel=FRANCE, kind=Kind.SURGE)),
        ("all claim", Wish(kind=Kind.CLAIM)),
        ("topic:attacks", Wish(topic="attacks")),
        ("", ""),
        ("@", "@"),
        ("https://t.me/ silence", "https://t.me/"),
    ],
)
def test_a_title_may_end_with_what_is_a_kind_or_a_severity_elsewhere(words: str, wish: Wish | str) -> None:
    assert read_wish(words, KNOWN) == wish


@pytest.mark.parametrize("name", ["@", "https://t.me/", " "])
def test_no_name_at_all_is_not_the_channel_without_a_handle(name: str) -> None:
    assert named_channel(name, KNOWN.channels) is None


@pytest.mark.parametrize("name", ["@falcon", "https://t.me/Falcon", "falcon", "2"])
def test_a_handle_or_number_comes_before_a_title(name: str) -> None:
    fan = Channel(id=1, title="Falcon", handle="falcon_fans")
    other = Channel(id=4, title="2")
    falcon = Channel(id=2, title="The Front", handle="Falcon")
    known = Known(channels=[fan, other, falcon], topics=[], claimants={})
    assert named_channel(name, known.channels) == falcon
    assert read_wish(name, known) == Wish(channel=falcon)
