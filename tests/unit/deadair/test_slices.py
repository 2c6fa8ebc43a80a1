"""Of a changed config: which parts are begun anew, and what has to wait for a restart."""

from pathlib import Path

import pytest

from deadair.config import Setup, parse, with_secrets
from deadair.slices import EVERYBODY, kept, slices, waiting

BEFORE = """
[[accounts]]
name = "main"
[[channels]]
handle = "falcon_wire"
[topics.drones]
words = ["drone"]
"""


def setup(text: str) -> Setup:
    return with_secrets(parse(text), Path("/nowhere"))


def renewed(after: str) -> set[str]:
    before, now = slices(setup(BEFORE)), slices(setup(after))
    return {name for name, of in now.items() if of != before[name]}


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ("", set()),
        ("# a comment\n", set()),
        ("[alerts.silence]\nbudget = 1.0\n", {"alerts", "bot", "web"}),
        ("[bot]\nowners = [4711]\n", {"bot"}),
        ("[jobs]\ncheckpoint_minutes = 5\n", {"jobs"}),
        ("[backup]\nevery_hours = 24\n", {"jobs", "health"}),
        ('[retention]\nfiles = "30d"\n', {"jobs", "health"}),
        ('[retention]\nposts = "63d"\n', {"jobs", "health"}),
        ("[archive]\nbatch = 100\n", {"indexer", "web"}),
        ("[collector]\nwitness = false\n", set()),
        ("[storage]\npool_size = 9\n", set()),
    ],
)
def test_a_part_is_begun_anew_for_what_it_goes_by(changed: str, parts: set[str]) -> None:
    assert renewed(BEFORE + changed) == parts


def test_how_long_posts_of_a_channel_stay_is_for_the_jobs() -> None:
    of_channel = BEFORE.replace('"falcon_wire"', '"falcon_wire"\nkeep_posts = "70d"')
    assert renewed(of_channel) == {"jobs"}


def test_a_budget_is_judged_by_and_not_read_by() -> None:
    assert renewed(BEFORE + "budget = 0.2\n") == {"alerts", "bot", "web"}
    of_channel = BEFORE.replace('"falcon_wire"', '"falcon_wire"\nbudget = 0.2')
    assert renewed(of_channel) == {"alerts", "bot", "web"}
    assert renewed(BEFORE.replace('"drone"', '"drone", "uav"')) == {"reader", "alerts", "bot", "web"}


def test_a_new_channel_is_told_to_the_reader_and_to_nobody_else() -> None:
    more = BEFORE.replace("[topics", '[[channels]]\nhandle = "rayat_news"\nzone = "Asia/Baghdad"\n[topics')
    assert renewed(more) == {"reader"}
    assert waiting(setup(BEFORE), setup(more)) == {"collector": [], EVERYBODY: []}


def test_what_cannot_be_applied_is_named_by_its_key_and_left_as_it_was() -> None:
    after = setup(
        BEFORE.replace("[topics", '[[channels]]\nhandle = "rayat_news"\naccount = "spare"\n[topics').replace(
            'name = "main"\n', 'name = "main"\n[[accounts]]\nname = "spare"\n'
        )
        + '[storage]\nurl = "sqlite:///other.db"\n[collector]\nsince = "9d"\n[alerts.silence]\nbudget = 1.0\n'
    ).model_copy(update={"api_hash": "another"})
    before = setup(BEFORE)
    assert waiting(before, after) == {
        "collector": ["accounts", "collector.since", "DEADAIR_API_HASH", "channels[@rayat_news]"],
        EVERYBODY: ["storage.url"],
    }
    runs = kept(before, after)
    assert runs.config.storage == before.config.storage
    assert runs.config.collector == before.config.collector
    assert [c.name for c in runs.config.channels] == ["@falcon_wire"]
    assert runs.api_hash is None
    assert runs.config.alerts.silence.budget == 1.0


def test_an_own_file_that_changed_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text("")
    with_file = BEFORE + '[claims]\nlexicon = ["lexicon.toml"]\n'
    one = slices(with_secrets(parse(with_file), tmp_path))
    (tmp_path / "lexicon.toml").write_text("# changed")
    other = slices(with_secrets(parse(with_file), tmp_path))
    assert {name for name in one if one[name] != other[name]} == {"reader", "alerts", "bot", "web"}
