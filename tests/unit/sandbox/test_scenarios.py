"""Scenarios: what is wrong is said with its place; what is shipped is sound."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import plan
from sandbox.plan import Amend, Befall, Publish
from sandbox.scenario import InvalidScenario, Scenario, load_scenario

SMALL = """
name = "small"
starts = 2031-03-03T00:00:00+03:00
history = "1w"
live = "2d"

[[channel]]
title = "Falcon News"
handle = "falcon_news"
per_day = 20
topics = { local = 1 }

[[topic]]
name = "local"
texts.ar = ["خبر {n}"]
"""


def _load(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "given.toml"
    path.write_text(text, "utf-8")
    return load_scenario(path)


def test_a_small_scenario_is_enough(tmp_path: Path) -> None:
    scenario = _load(tmp_path, SMALL)
    assert scenario.ends - scenario.starts == timedelta(days=2)
    assert 90 < len(plan.history(scenario)) < 190


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("per_day = 20", "per_day = -1"), r"channel 1: per_day: .*greater than 0"),
        (("per_day = 20", "per_day = 20\nper_hour = 3"), r"channel 1: per_hour: Extra inputs"),
        (("{ local = 1 }", "{ sport = 1 }"), r"channel 1 \(falcon_news\): topics: there is no 'sport'"),
        (('live = "2d"', 'live = "two days"'), r"live: 'two days' is no span of time"),
        (('name = "small"', 'name = "small"\nzone = "Mars/North"'), r"zone: there is no time zone"),
        (("per_day = 20", 'per_day = 20\nlanguage = "en"'), r"topic local: texts: there is no 'en'"),
        (("per_day = 20", "per_day = 20\nhours = [1, 2]"), r"channel 1: hours: 24 factors"),
        (("+03:00", ""), r"starts: an instant needs a time zone"),
        (
            ("[[topic]]", '[[happens]]\nat = "1h"\nwhat = "rename"\nchannel = "falcon_news"\n\n[[topic]]'),
            r"happens 1: what = \"rename\" needs `title`",
        ),
        (
            ("[[topic]]", '[[happens]]\nat = "1h"\nwhat = "ban"\nchannel = "nobody"\n\n[[topic]]'),
            r"happens 1: channel: there is no 'nobody'; there is falcon_news",
        ),
        (
            ("[[topic]]", '[[happens]]\nat = "9d"\nwhat = "ban"\nchannel = "falcon_news"\n\n[[topic]]'),
            r"happens 1: at 9 days.* the live part is over",
        ),
        (
            ("[[topic]]", '[[happens]]\nat = "1h"\nwhat = "dance"\nchannel = "falcon_news"\n\n[[topic]]'),
            r"happens 1: what: Input should be 'topic_stops'",
        ),
        (("texts.ar", "texts.ar ="), r"given\.toml: .*line 15"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(InvalidScenario, match=said) as mistake:
        _load(tmp_path, SMALL.replace(*change))
    assert "given.toml" in mistake.value.what
    assert mistake.value.hint


def test_a_scenario_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidScenario) as mistake:
        load_scenario(tmp_path / "nowhere.toml")
    assert "demo, quiet" in mistake.value.hint


@pytest.mark.parametrize("name", ["demo", "quiet"])
def test_a_shipped_scenario_gives_its_topics_away_by_their_words_alone(name: str) -> None:
    """So that a word list finds every post about attacks, and no other."""
    scenario = load_scenario(name)
    (attacks,) = (t for t in scenario.topic if t.words)
    for post in plan.history(scenario):
        tokens = post.text.replace(":", " ").replace(".", " ").lower().split()
        assert any(w in tokens for w in attacks.words) is (post.topic == attacks.name), post.text


def test_the_demo_is_the_network_it_says_it_is() -> None:
    scenario = load_scenario("demo")
    assert [c.group for c in scenario.channel] == ["network"] * 6
    posts = plan.history(scenario)
    a_day = {key: n / 56 for key, n in Counter(p.channel for p in posts).items()}
    assert all(24 < n < 67 for n in a_day.values())
    leading = [p for p in posts if p.channel == "rayat_assadim"]
    assert a_day["rayat_assadim"] == max(a_day.values())
    assert 0.27 < sum(p.topic == "attacks" for p in leading) / len(leading) < 0.33


def test_in_the_demo_the_topic_stops_then_all_stop_and_nothing_else_does() -> None:
    scenario = load_scenario("demo")
    items = plan.live(scenario)
    posts = [i for i in items if isinstance(i, Publish)]
    stop = scenario.starts + timedelta(hours=40)
    silence = scenario.starts + timedelta(hours=88)
    leading = [p for p in posts if p.channel == "rayat_assadim"]
    assert not [p for p in leading if p.at >= stop and p.topic == "attacks"]
    assert len([p for p in leading if p.at >= stop]) > 80
    assert [p for p in posts if p.at >= stop and p.topic == "attacks"]
    assert max(p.at for p in posts) < silence
    assert {p.channel for p in posts if p.at > silence - timedelta(hours=6)} == {
        c.key for c in scenario.channel
    }
    assert [(i.happens.what, i.is_over, i.at - scenario.starts) for i in items if isinstance(i, Befall)] == [
        ("cut_off", False, timedelta(hours=10)),
        ("cut_off", True, timedelta(hours=15)),
        ("ban", False, timedelta(hours=33)),
    ]


def test_the_quiet_scenario_expects_nothing_and_goes_on_to_its_end() -> None:
    scenario = load_scenario("quiet")
    assert scenario.expect == ()
    items = plan.live(scenario)
    assert not [i for i in items if isinstance(i, Befall)]
    for channel in scenario.channel:
        last = max(i.at for i in items if isinstance(i, Publish) and i.channel == channel.key)
        assert scenario.ends - last < timedelta(hours=6)


def test_one_seed_gives_one_plan_and_another_gives_another() -> None:
    scenario = load_scenario("demo")
    assert plan.live(scenario) == plan.live(scenario)
    assert plan.history(scenario) == plan.history(scenario)
    other = scenario.model_copy(update={"seed": 1})
    assert plan.live(other) != plan.live(scenario)


def test_what_befalls_in_the_live_part_leaves_the_past_as_it_was() -> None:
    scenario = load_scenario("demo")
    undisturbed = scenario.model_copy(update={"happens": ()})
    assert plan.history(undisturbed) == plan.history(scenario)


def test_edits_and_deletions_follow_posts_that_are_there() -> None:
    scenario = load_scenario("demo")
    items = plan.live(scenario)
    published = {(i.channel, i.number): i.at for i in items if isinstance(i, Publish)}
    amended = [i for i in items if isinstance(i, Amend)]
    assert amended
    assert all(published[i.channel, i.number] < i.at for i in amended)


def test_a_scenario_can_begin_at_another_instant() -> None:
    scenario = load_scenario("quiet")
    moved = scenario.starting(scenario.starts + timedelta(days=7))
    first, other = plan.live(scenario)[0], plan.live(moved)[0]
    assert other.at - first.at == timedelta(days=7)
