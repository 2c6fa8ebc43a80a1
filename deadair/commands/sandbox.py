"""`deadair sandbox`: a Telegram of one's own on this machine, for hours."""

import asyncio
from pathlib import Path

from deadair.log import LogConfig, set_up


def sandbox(
    scenario: Path | None, *, port: int, bot_port: int, control_port: int, web_port: int, speed: float
) -> None:
    set_up(LogConfig())
    ports = {"port": port, "bot_port": bot_port, "control_port": control_port, "web_port": web_port}
    asyncio.run(_serve(scenario, ports, speed))


async def _serve(scenario: Path | None, ports: dict[str, int], speed: float) -> None:
    from deadair.supervise import supervise
    from domain.clock import FastClock, WallClock
    from sandbox.botapi.server import SANDBOX_TOKEN
    from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
    from sandbox.scenario import load_scenario
    from sandbox.server import PHONE, Sandbox

    played = load_scenario(scenario if scenario is not None else "demo")
    if speed == 1:
        # At the pace of the day a scenario is about today.
        played = played.starting(WallClock().now())
    clock = WallClock() if speed == 1 else FastClock(played.starts, speed)
    async with Sandbox(
        played,
        clock=clock,
        port=ports["port"],
        bot_port=ports["bot_port"],
        control_port=ports["control_port"],
        web_port=ports["web_port"],
    ) as telegram:
        print(f"{played.name}: {played.about}")
        print(f"MTProto      127.0.0.1:{telegram.port}   (the account's phone is +{PHONE})")
        print(f"Bot API      {telegram.bot_url}   (the token is {SANDBOX_TOKEN})")
        print(f"web preview  {telegram.web_url}   (/s/NAME)")
        print(f"control API  {telegram.control_url}")
        key = SANDBOX_PUBLIC_KEY.strip()
        print("\nA config for it (with DEADAIR_API_ID=1, DEADAIR_API_HASH=sandbox and the token):\n")
        print(f'[collector.preview]\nbase = "{telegram.web_url}"\n')
        print(f'[collector]\nserver = "127.0.0.1:{telegram.port}"\nserver_key = """\n{key}\n"""')
        print(f'\n[bot]\napi_base = "{telegram.bot_url}"\n', flush=True)

        async def play() -> None:
            await telegram.play()
            print("the scenario is over; the sandbox goes on until stopped", flush=True)
            await asyncio.Event().wait()

        await supervise({"sandbox": play})
