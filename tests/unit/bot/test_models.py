"""aiogram's models, built when they are first used, are those that it builds itself."""

import subprocess
import sys

import pytest

# Names of models that carry others by name, and what Telegram may say of them.
_COMMON = """
import json
import aiogram.methods, aiogram.types
from aiogram.methods import Response
from aiogram.types import Message, Update

models = [
    getattr(module, name)
    for module in (aiogram.types, aiogram.methods)
    for name in module.__all__
    if hasattr(getattr(module, name), "model_rebuild")
]
chat = {"id": -5, "type": "supergroup", "title": "Ops"}
sara = {"id": 3, "is_bot": False, "first_name": "Sara"}
said = {"message_id": 2, "date": 1700000000, "chat": chat, "text": "/start", "from": sara,
    "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}
pressed = {"id": "9", "from": sara, "chat_instance": "1", "data": "keep", "message": said}
told = {"ok": True, "result": [{"update_id": 1, "message": said | {"reply_to_message": said}},
    {"update_id": 2, "callback_query": pressed}]}
read = Response[list[Update]].model_validate(told)
print(read.model_dump_json(exclude_none=True))
print(Response[Message].model_validate({"ok": True, "result": said}).result.text)
print(aiogram.methods.SendMessage(chat_id=1, text="x").model_dump_json(exclude_none=True, warnings=False,
    fallback=str))
"""


#: How many were built, of how many; then all of them.
_COUNT = """
print(sum(model.__dict__.get("__pydantic_complete__", False) for model in models), len(models))
for model in models:
    if model.__pydantic_complete__ is False:
        model.model_rebuild()
    assert model.__pydantic_complete__, model
"""


def said(first: str, last: str) -> list[str]:
    """What a new Python says line by line: each takes seconds of the processor to load aiogram."""
    run = subprocess.run(
        [sys.executable, "-c", first + _COMMON + last], capture_output=True, text=True, check=True
    )
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def lean() -> list[str]:
    """By ours: what was read, and the numbers of `_COUNT`."""
    return said("import bot.models\n", _COUNT)


@pytest.fixture(scope="module")
def stock() -> list[str]:
    """By aiogram: what was read, whether ours leaves it alone when loaded late, and what is read then."""
    return said(
        "import aiogram.types\nheld = aiogram.types.Message.model_rebuild.__func__\n",
        "import bot.models\nprint(aiogram.types.Message.model_rebuild.__func__ is held)\n" + _COMMON,
    )


def test_what_telegram_says_is_read_as_aiogram_itself_reads_it(lean: list[str], stock: list[str]) -> None:
    assert len(lean) == 4
    assert lean[:3] == stock[:3]
    assert "callback_query" in lean[0]


def test_most_are_not_built_until_they_are_used_and_every_one_can_be(lean: list[str]) -> None:
    built, of = map(int, lean[3].split())
    assert built < of / 4
    assert of > 300


def test_whoever_has_loaded_aiogram_already_keeps_it_as_it_is(stock: list[str]) -> None:
    assert stock[3] == "True"
    assert stock[4:] == stock[:3]
