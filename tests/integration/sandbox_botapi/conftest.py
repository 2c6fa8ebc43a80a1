"""The Bot API of the sandbox, and a stock bot on it."""

from tests.support.botapi import bot, clock, pace, server

__all__ = ["bot", "clock", "pace", "server"]
