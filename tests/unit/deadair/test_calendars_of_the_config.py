"""Which calendars hold, as the config says, and what is said of those that are wrong."""

from pathlib import Path

import pytest

from alerts.calendars.load import CalendarError
from deadair.budgets import budgets_of
from deadair.commands.check_config import check_config
from deadair.config import load

FEAST = '[[period]]\nname = "a feast"\nfrom = "05-01"\nless = 0.5\n'


def written(folder: Path, text: str, **files: str) -> Path:
    for name, held in files.items():
        (folder / f"{name}.toml").write_text(held, encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(text, encoding="utf-8")
    return config


def test_ones_own_file_lies_beside_the_config_and_holds_for_whom_it_is_named(tmp_path: Path) -> None:
    text = (
        '[[channels]]\nhandle = "@falcon_wire"\ncalendar = ["mine.toml"]\n'
        '[[channels]]\nhandle = "@other_wire"\ncountry = "IQ"\n[alerts]\ncalendars = ["islamic"]\n'
    )
    calendars = budgets_of(load(written(tmp_path, text, mine=FEAST)).config).calendars
    assert [p.name for p in calendars.of(("falcon_wire",), None, "UTC").periods] == ["a feast"]
    others = [p.name for p in calendars.of(("other_wire",), "IQ", "UTC").periods]
    assert "Ramadan" in others
    assert "a feast" not in others
    assert not calendars.of(("third_wire",), None, "UTC")


def test_check_config_tells_which_hold_and_for_whom_none_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check_config(written(tmp_path, '[[channels]]\nhandle = "@falcon_wire"\n'))
    out = capsys.readouterr().out
    assert "calendars: exams, islamic, persian" in out
    assert "1 of the channels have no country" in out


def test_check_config_proves_the_calendars_and_names_file_period_and_mistake(tmp_path: Path) -> None:
    config = written(
        tmp_path, '[alerts]\ncalendars = ["islamic", "mine.toml"]\n', mine=FEAST.replace("05-01", "05-41")
    )
    with pytest.raises(CalendarError) as caught:
        check_config(config)
    assert f"{tmp_path / 'mine.toml'}, period 1 (a feast): there is no 05-41" in caught.value.what
    with pytest.raises(CalendarError, match="there is no calendar 'islmic'"):
        check_config(written(tmp_path, '[alerts]\ncalendars = ["islmic"]\n'))
