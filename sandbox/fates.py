"""What befalls a channel: another name, another handle, a ban, its end."""

from datetime import datetime

from domain.errors import DeadairError
from sandbox.account import Account
from sandbox.channel import Channel
from sandbox.event import Happening
from sandbox.publishing import Publishing


class Fates(Publishing):
    """The verbs of Telegram, of the owner's moods, and of the accounts that come and go."""

    def rename(self, channel: Channel | int | str, title: str, *, at: datetime | None = None) -> None:
        c = self.channel(channel)
        c.title = title
        self.post(c, service=f"title:{title}", at=at)
        self._tell(c, Happening.CHANNEL)

    def set_handle(self, channel: Channel | int | str, handle: str | None) -> None:
        """Another @name, or none. It must be free."""
        c = self.channel(channel)
        self._refuse_taken(handle, but=c)
        c.handle = handle
        self._tell(c, Happening.CHANNEL)

    def take_handle(self, channel: Channel | int | str, title: str) -> Channel:
        """The channel loses its handle, and a new one of that title takes it."""
        c = self.channel(channel)
        if (handle := c.handle) is None:
            raise DeadairError(f"channel {c.id} has no handle that could be taken", hint="give it one first")
        self.set_handle(c, None)
        return self.add_channel(title, handle)

    def make_private(self, channel: Channel | int | str, *, evict: bool = False) -> None:
        """Only members may read it from now on; with `evict`, no account of the sandbox is one any more."""
        c = self.channel(channel)
        before = tuple(self.accounts)
        c.private, c.handle = True, None
        if evict:
            c.members.clear()
        self._tell(c, Happening.CHANNEL, accounts=before)

    def make_public(self, channel: Channel | int | str, handle: str | None = None) -> None:
        c = self.channel(channel)
        self._refuse_taken(handle, but=c)
        c.private, c.handle = False, handle
        self._tell(c, Happening.CHANNEL)

    def ban(self, channel: Channel | int | str, account: Account) -> None:
        """The channel shuts this account out."""
        c = self.channel(channel)
        c.members.discard(account.id)
        c.banned.add(account.id)
        self._tell(c, Happening.CHANNEL, accounts=(account.id,))

    def hide_from(self, channel: Channel | int | str, account: Account) -> None:
        """From now on this account is shown no new posts of it, and not told so."""
        c = self.channel(channel)
        c.hidden[account.id] = c.top_id

    def unban(self, channel: Channel | int | str, account: Account) -> None:
        self.channel(channel).banned.discard(account.id)

    def delete_channel(self, channel: Channel | int | str) -> None:
        c = self.channel(channel)
        told = tuple(c.members)
        c.deleted, c.handle = True, None
        self._tell(c, Happening.CHANNEL, accounts=told)

    def restrict(self, channel: Channel | int | str, reason: str | None, *, on: str = "all") -> None:
        """Telegram hides the channel, everywhere or `on` one kind of app, and says why; None lifts it."""
        c = self.channel(channel)
        c.restriction, c.restricted_on = reason, on
        self._tell(c, Happening.CHANNEL)

    def mark(self, channel: Channel | int | str, *, scam: bool = False, fake: bool = False) -> None:
        """Telegram warns of it, or no longer."""
        c = self.channel(channel)
        c.scam, c.fake = scam, fake
        self._tell(c, Happening.CHANNEL)

    def make_group(self, channel: Channel | int | str) -> None:
        """Its members may post from now on."""
        c = self.channel(channel)
        c.group_now = True
        self._tell(c, Happening.CHANNEL)

    def hide_history(self, channel: Channel | int | str, *, hidden: bool = True) -> None:
        """The channel is there, and shows no post."""
        c = self.channel(channel)
        c.history_hidden = hidden
        self._tell(c, Happening.CHANNEL)

    def set_audience(self, channel: Channel | int | str, members: int) -> None:
        """Nobody is told: clients ask when they like."""
        self.channel(channel).audience = members

    def join(self, channel: Channel | int | str, account: Account) -> None:
        c = self.channel(channel)
        c.members.add(account.id)
        self._tell(c, Happening.CHANNEL, accounts=(account.id,))

    def leave(self, channel: Channel | int | str, account: Account) -> None:
        c = self.channel(channel)
        c.members.discard(account.id)
        self._tell(c, Happening.CHANNEL, accounts=(account.id,))
