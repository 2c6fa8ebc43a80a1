"""`[alerts]` of config.toml."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from alerts.config import AlertsConfig


def test_spans_are_written_as_people_write_them() -> None:
    config = AlertsConfig.model_validate(
        {"silence": {"at_least": "90m", "hold": "1h30m"}, "blind": {"after": "2h"}}
    )
    assert config.silence.at_least == timedelta(minutes=90)
    assert config.silence.hold == timedelta(minutes=90)
    assert config.blind.after == timedelta(hours=2)
    assert AlertsConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"silence": {"budget": 0}},
        {"silence": {"budget": 1000}},
        {"silence": {"hold": "soon"}},
        {"silence": {"at_least": "-1h"}},
        {"silence": {"bugdet": 1}},
        {"group": {"share": 1.5}},
        {"poll": "30 seconds"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AlertsConfig.model_validate(wrong)


def test_every_key_says_what_it_means() -> None:
    def undocumented(model: type[BaseModel]) -> list[str]:
        out = []
        for name, field in model.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                out += undocumented(field.annotation)
            elif not field.description:
                out.append(f"{model.__name__}.{name}")
        return out

    assert undocumented(AlertsConfig) == []
