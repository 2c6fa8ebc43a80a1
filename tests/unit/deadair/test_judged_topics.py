"""Which topics are judged, and what their claimants are called, as the config and the lexicon say."""

from pathlib import Path

import pytest

from deadair.commands.check_config import check_config
from deadair.config import ConfigError, load
from deadair.lexicon import claimant_names, lexicon_of


def written(folder: Path, text: str) -> Path:
    config = folder / "config.toml"
    config.write_text(text, encoding="utf-8")
    return config


def test_a_topic_that_nobody_knows_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    config = written(tmp_path, '[alerts]\ntopics = ["conflikt"]\n[topics.floods]\nwords = ["flood"]\n')
    with pytest.raises(ConfigError) as caught:
        check_config(config)
    told = caught.value.what
    assert "[alerts] topics: 'conflikt' is neither a topic of the lexicon nor one of yours" in told
    for known in ("conflict", "sports", "floods"):
        assert known in told.split("they are:")[1]


def test_topics_of_the_lexicon_and_ones_own_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '[alerts]\ntopics = ["conflict", "sports", "floods"]\n[topics.floods]\nwords = ["flood"]\n'
    check_config(written(tmp_path, text))
    assert "the config is well formed" in capsys.readouterr().out


def test_claimants_are_called_by_their_english_names(tmp_path: Path) -> None:
    names = claimant_names(lexicon_of(load(written(tmp_path, ""))))
    assert names["kh"] == "Kataib Hezbollah"
    assert names["iri"] == "Islamic Resistance in Iraq"
