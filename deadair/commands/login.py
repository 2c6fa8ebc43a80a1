"""`deadair login NAME`: one account, once."""

import asyncio
import getpass
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from deadair.config import Setup, load
from deadair.wiring import application
from domain.errors import DeadairError


def login(config: Path | None, account: str, *, qr: bool) -> None:
    asyncio.run(_login(load(config), account, qr=qr))


async def _login(setup: Setup, name: str, *, qr: bool) -> None:
    from collector.login import login as log_in

    account = next((each for each in setup.config.accounts if each.name == name), None)
    if account is None:
        known = ", ".join(each.name for each in setup.config.accounts) or "none is set"
        raise DeadairError(
            f"there is no account {name!r} in the config",
            hint=f'add [[accounts]] with name = "{name}"; there is: {known}',
        )
    me = await log_in(
        account, setup.config.collector, application(setup), Terminal(), folder=setup.folder, qr=qr
    )
    handle = f" (@{me.username})" if me.username else ""
    print(f"{name} is logged in as {me.name}{handle}. The session file is the account: keep it to yourself.")


class Terminal:
    """Asks whoever sits at the terminal."""

    async def phone(self) -> str:
        return await asyncio.to_thread(_ask, "Phone number, with country code: ")

    async def code(self, where: str) -> str:
        return await asyncio.to_thread(_ask, f"The code that Telegram sent to {where}: ")

    async def password(self, hint: str) -> str:
        said = f" (hint: {hint})" if hint else ""
        return await asyncio.to_thread(_ask_unseen, f"Password of two-step verification{said}: ")

    async def show_qr(self, url: str, until: datetime) -> None:
        import qrcode

        code = qrcode.QRCode(border=1)
        code.add_data(url)
        code.print_ascii(invert=True)
        print("In Telegram on your phone: Settings, Devices, Link Desktop Device, and scan this.")
        print(f"Good until {until:%H:%M:%S} UTC; then another one is shown.")

    async def tell(self, text: str) -> None:
        print(text)


def _ask(question: str) -> str:
    return _answered(lambda: input(question))


def _ask_unseen(question: str) -> str:
    return _answered(lambda: getpass.getpass(question))


def _answered(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except EOFError:
        raise DeadairError(
            "nobody is there to answer",
            hint="run `deadair login` in a terminal, or use --qr and scan its output",
        ) from None
