"""Importing this builds those of aiogram's models that every bot needs: for a process that others are forked
from, each of which would build them for itself, in half a second of the processor.
"""

import bot.models  # isort: skip  # before aiogram, as in the product

from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageMedia,
    EditMessageText,
    GetUpdates,
    Response,
    SendMessage,
    SendPhoto,
    SetMyCommands,
)
from aiogram.types import Message, Update
from pydantic import BaseModel

__all__ = ["bot"]

_SAID: tuple[type[BaseModel], ...] = (
    AnswerCallbackQuery,
    EditMessageMedia,
    EditMessageText,
    GetUpdates,
    SendMessage,
    SendPhoto,
    SetMyCommands,
)
_ANSWERED: tuple[type[BaseModel], ...] = (
    Response[list[Update]],
    Response[Message],
    Response[Message | bool],
    Response[bool],
)
for _model in (*_SAID, *_ANSWERED):
    _model.model_rebuild()
