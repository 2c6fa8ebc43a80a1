"""A channel by the name that people give it, whatever others call themselves."""

from domain.channel import Channel
from storage.store import Store
from tests.support.alerting import NOON


async def test_a_title_that_is_the_handle_of_another_takes_nothing_from_it(store: Store) -> None:
    """What is paused or retired by name would else be the wrong one."""
    fan = Channel(id=1, title="Falcon", handle="falcon_fans")
    falcon = Channel(id=2, title="The Front", handle="Falcon")
    async with store.begin() as tx:
        for channel in (fan, falcon, Channel(id=3, title="Without a handle")):
            await tx.channels.save(channel, NOON)
    async with store.read() as tx:
        found = [await tx.channels.by_name(name) for name in ("@falcon", "falcon", "2", "http://t.me/falcon")]
        assert [channel and channel.id for channel in found] == [2, 2, 2, 2]
        assert await tx.channels.by_name("@") is None
        assert (await tx.channels.by_name("without a handle") or fan).id == 3
