"""The lexicon: checked when it is loaded, and extended without touching code."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from claims.lexicon.errors import LexiconError
from claims.lexicon.load import load
from claims.lexicon.show import entry, summary
from claims.reading import read_post
from domain.errors import DeadairError

GOOD = """
[[actor]]
id = "river_hawks"
side = "axis"
type = "facade"
ar = ["صقور الرافد"]

[[actor]]
id = "kh"
ar = ["الكتائب الصامدة"]

[[place]]
id = "camp_willow"
kind = "base"
country = "IQ"
ar = ["معسكر الصفصاف"]

[[weapon]]
id = "drone"
ar = ["الجراد الطائر"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_operators_file_adds_actors_places_and_surfaces(tmp_path: Path):
    lexicon = load([write(tmp_path, GOOD)])
    text = "صقور الرافد تستهدف معسكر الصفصاف بالجراد الطائر"
    claim = read_post(lexicon, text, posted=datetime(2024, 1, 1, tzinfo=UTC)).claims[0]
    assert (claim.claimant, claim.location, claim.country) == ("river_hawks", "camp_willow", "IQ")
    assert (claim.target, claim.weapons) == ("us", ("drone",))
    assert lexicon.actors["kh"].side == "axis"
    assert "الكتائب الصامدة" in entry(lexicon, "kh")
    assert "صقور" not in summary(load())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[actor]]\nid = 'x'\nside = 'friend'", "actor 'x': side is 'friend'"),
        ("[[actor]]\nid = 'x y'\nside = 'axis'", "actor 1: id is 'x y'"),
        ("[[actor]]\nid = 'x'\nside = 'axis'\nar = 'سرايا'", "actor 'x': ar is no list of strings"),
        ("[[actor]]\nid = 'x'\nside = 'axis'\nar = ['سرايا', '🚀']", "word 2, '🚀', is empty"),
        ("[[actor]]\nid = 'x'\nside = 'axis'\nde = ['Adler']", "unknown key 'de'"),
        ("[actor]\nid = 'x'", "actor: is no list of tables"),
        ("[[place]]\nid = 'p'\nkind = 'hut'\ncountry = 'IQ'", "place 'p': kind is 'hut'"),
        ("[[place]]\nid = 'p'\nkind = 'base'\ncountry = 'Iraq'", "place 'p': country is 'Iraq'"),
        ("[[place]]\nid = 'p'\nkind = 'base'\ncountry = 'IQ'\nlat = 91", "place 'p': lat is 91"),
        ("[[action]]\nclass = 'strike'\nar_future = ['سيضرب']", "unknown key 'ar_future'"),
        ("[type.hut]\nxx = ['a']", "type 'hut': unknown key 'xx'"),
        ("[places]\na = 1", "places: is no section of a lexicon"),
        ("[[actor]\nid = 1", "is not valid TOML"),
        ("actor = " + "[" * 100_000, "is not valid TOML"),
    ],
)
def test_a_bad_entry_is_named_with_its_file_and_what_is_wrong(tmp_path: Path, text: str, named: str):
    path = write(tmp_path, text)
    with pytest.raises(LexiconError) as caught:
        load([path])
    assert caught.value.what.startswith(str(path))
    assert named in caught.value.what
    assert caught.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(LexiconError, match=r"nowhere\.toml.*cannot be read"):
        load([tmp_path / "nowhere.toml"])


def test_an_id_that_is_not_there_gives_those_near_it():
    with pytest.raises(DeadairError) as caught:
        entry(load(), "tanff")
    assert "tanf" in caught.value.hint
