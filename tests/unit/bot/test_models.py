"""aiogram's models, built when they are first used, are those that it builds itself."""

import subprocess
import sys

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


def said(first: str, last: str = "") -> str:
    run = subprocess.run(
        [sys.executable, "-c", first + _COMMON + last], capture_output=True, text=True, check=True
    )
    return run.stdout


def test_what_telegram_says_is_read_as_aiogram_itself_reads_it() -> None:
    lean = said("import bot.models\n")
    assert lean == said("")
    assert "callback_query" in lean


def test_most_are_not_built_until_they_are_used_and_every_one_can_be() -> None:
    count = """
print(sum(model.__dict__.get("__pydantic_complete__", False) for model in models), len(models))
for model in models:
    if model.__pydantic_complete__ is False:
        model.model_rebuild()
    assert model.__pydantic_complete__, model
"""
    built, of = map(int, said("import bot.models\n", count).splitlines()[-1].split())
    assert built < of / 4
    assert of > 300


def test_whoever_has_loaded_aiogram_already_keeps_it_as_it_is() -> None:
    before = "import aiogram.types\nheld = aiogram.types.Message.model_rebuild.__func__\n"
    after = "import bot.models\nprint(aiogram.types.Message.model_rebuild.__func__ is held)\n"
    assert said(before + after).splitlines()[0] == "True"
