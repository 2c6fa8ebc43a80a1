"""Which channel is meant by a name."""

import pytest

from archive.resolve import named
from domain.channel import Channel

#: Its title is the other one's handle.
FAN = Channel(id=1, title="Falcon", handle="falcon_fans")
FALCON = Channel(id=2, title="The Front", handle="Falcon")
PRIVATE = Channel(id=3, title="Private")
IMPORTED = Channel(id=-4, title="Private")
EVERYWHERE = [FAN, FALCON, IMPORTED, PRIVATE]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("@falcon", FALCON),
        ("https://t.me/Falcon", FALCON),
        ("falcon", FALCON),
        ("falcon_fans", FAN),
        ("1", FAN),
        ("private", PRIVATE),
        ("-4", IMPORTED),
        ("@", None),
        ("", None),
    ],
)
def test_a_handle_comes_before_a_title_and_no_name_is_nobodys(name: str, meant: Channel | None) -> None:
    assert named(name, EVERYWHERE) == meant
