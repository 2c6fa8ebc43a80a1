"""Topics as word lists."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.config import TopicConfig, TopicsSection
from claims.topics import WordTopics
from domain.errors import DeadairError

LISTS = WordTopics(
    {
        "attacks": ["استهداف", "طائرة مسيرة", "قاعدة", "drone strike", "پهپاد", "БПЛА", 'כטב"ם'],
        "sport": ["مباراة", "الدوري", "football", "US Open"],
        "weather": ["الطقس", "مطر"],
    }
)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("وباستهداف القاعدة بطائرتين", ("attacks",)),
        ("قاعدتين في الصحراء", ("attacks",)),
        ("بالطائرة المسيّرة", ()),
        ("#طائرة_مسيرة تحلق", ("attacks",)),
        ("A DRONE-STRIKE near the port", ("attacks",)),
        ("پهپادهای شناسایی", ("attacks",)),
        ("сбит бпла", ("attacks",)),
        ('הכטב"ם הופל', ("attacks",)),
        ("للدوري وللطقس", ("sport", "weather")),
        ("فوتبال footballs", ("sport",)),
        ("US Opening", ()),
        ("تقاعد الموظفين", ()),
        ("ممطر", ()),
        ("", ()),
    ],
)
def test_a_topic_is_met_by_its_words_with_their_clitics_and_by_nothing_inside_other_words(
    text: str, topics: tuple[str, ...]
):
    assert LISTS.topics(text) == topics


@pytest.mark.parametrize(
    ("lists", "named"),
    [
        ({"attacks": []}, "[topics.attacks]"),
        ({"attacks": ["قصف", " "]}, "word 2 of 2"),
        ({"attacks": ["ـــ"]}, "'ـــ'"),
        ({"attacks": ["🚀"]}, "'🚀'"),
        ({"Bad Name": ["قصف"]}, "Bad Name"),
        ({"": ["قصف"]}, "[topics.]"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_by_name(lists: dict[str, list[str]], named: str):
    with pytest.raises(DeadairError, match=r"topics") as caught:
        WordTopics(lists)
    assert named in caught.value.what
    assert caught.value.hint


def test_the_config_section_refuses_it_too():
    with pytest.raises(ValueError, match="word 1 of 1"):
        TopicsSection(topics={"attacks": TopicConfig(words=("…",))})


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_error(text: str):
    assert set(LISTS.topics(text)) <= {"attacks", "sport", "weather"}


@pytest.mark.parametrize(
    ("unit", "topics"),
    [
        ("ا", ()),
        ("قاعدة", ()),
        ("قاعدة ", ("attacks",)),
        ("a", ()),
        ("مطر", ()),
        ("وبال", ()),
        ("US Open ", ("sport",)),
    ],
)
def test_a_hundred_thousand_letters_of_one_thing_are_read(unit: str, topics: tuple[str, ...]):
    """A search that starts over at every letter would run into the test's time limit."""
    text = unit * (100_000 // len(unit))
    assert LISTS.topics(text) == topics
    assert LISTS.topics(text + " БПЛА") == tuple(sorted({*topics, "attacks"}))
