"""config.toml says every key, its default, and what it is for."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from deadair.config import Config, parse
from deadair.template import template

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "config.toml").read_text()


def test_the_shipped_config_is_what_the_models_say() -> None:
    assert template() == SHIPPED, "write it anew: .venv/bin/python -m deadair.template"


def test_the_shipped_config_changes_nothing() -> None:
    assert parse(SHIPPED) == Config()


def test_the_shipped_config_with_every_default_uncommented_changes_nothing() -> None:
    sections = SHIPPED[SHIPPED.index("\n[collector]") :]
    assert parse(re.sub(r"^# (\w+ = .+)$", r"\1", sections, flags=re.MULTILINE)) == Config()


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    found = [model]
    for field in model.model_fields.values():
        inner = re.findall(r"[A-Za-z]+", str(field.annotation)) and _models_in(field.annotation)
        for each in inner or []:
            found += models(each)
    return found


def _models_in(annotation: object) -> list[type[BaseModel]]:
    from typing import get_args

    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in get_args(annotation) for found in _models_in(each)]


@pytest.mark.parametrize("model", models(Config)[1:], ids=lambda model: model.__name__)
def test_every_key_has_a_sentence_and_refuses_strangers(model: type[BaseModel]) -> None:
    bare = [
        name
        for name, field in model.model_fields.items()
        if not field.description and not _models_in(field.annotation)
    ]
    assert bare == []
    assert model.model_config.get("extra") == "forbid"
    assert model.model_config.get("frozen") is True
