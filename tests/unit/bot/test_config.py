"""`[bot]` says what is wrong with it."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.config import BotConfig


def test_the_defaults_are_complete() -> None:
    config = BotConfig()
    assert config.owners == ()
    assert config.invite_expires == timedelta(hours=48)


def test_spans_are_written_as_people_write_them() -> None:
    assert BotConfig.model_validate({"invite_expires": "2d", "retry": "10s"}).invite_expires == timedelta(
        days=2
    )


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"zone": "Baghdad"}, "'Baghdad' is no time zone"),
        ({"api_base": "localhost:8081"}, "'localhost:8081' is no address"),
        ({"owners": [-5]}, "-5 is no user's number"),
        ({"lease": "30s"}, "must be at least three times timeout"),
        ({"token": "1:x"}, "Extra inputs are not permitted"),
        ({"poll": "soon"}, "is no span of time"),
        ({"per_second": 300}, "less than or equal to 30"),
    ],
)
def test_a_mistake_is_named(section: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("(", r"\(")):
        BotConfig.model_validate(section)


def test_every_key_is_described() -> None:
    assert [name for name, field in BotConfig.model_fields.items() if not field.description] == []
