"""Can the bot speak? Asked of the Bot API, with nothing sent and no update taken."""

from collections.abc import Sequence

from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

from bot.app import make_bot
from bot.config import BotConfig
from bot.errors import BadToken, outcome_of
from bot.rates import Rates
from domain.check import Check
from domain.clock import WallClock


async def examine_bot(config: BotConfig, token: str | None) -> Sequence[Check]:
    """Its token, the way to the Bot API, and whether anybody owns it."""
    if token is None:
        what = "it has no token, so nobody would be told of anything"
        hint = "get one from @BotFather (/newbot) and put it into DEADAIR_BOT_TOKEN"
        return [Check.wrong("bot", what, hint)]
    rates = Rates(WallClock(), per_second=25, chat_per_second=1, group_per_minute=18)
    try:
        bot = make_bot(config, token, rates)
    except BadToken as bad:
        return [Check.failed("bot", bad)]
    try:
        me = await bot.get_me()
        hook = await bot.get_webhook_info()
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        return [Check.failed("bot", BadToken(error.message))]
    except Exception as error:  # whatever it was: the Bot API did not answer as one does
        what = f"the Bot API at {config.api_base or 'api.telegram.org'} cannot be used: {outcome_of(error)}"
        return [Check.wrong("bot", what, "is this machine connected? Check [bot] api_base")]
    finally:
        await bot.session.close()
    checks = [Check.well("bot", f"is @{me.username}")]
    if hook.url:
        what = "a webhook is set for it, and Telegram tells updates to that alone"
        checks.append(Check.wrong("bot", what, "another program uses it: make a bot for Deadair alone"))
    if not config.owners:
        what = "nobody owns it, so nobody can use it or invite others"
        checks.append(
            Check.wrong("bot", what, "put your own number into [bot] owners; @userinfobot tells it")
        )
    return checks
