"""A query is read as it is meant, and where it cannot be read it says where and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ask import asked
from archive.errors import QueryError
from archive.parse import DEEPEST, MOST, parse
from archive.readings import readings_of
from archive.sighting import Sighting
from archive.tree import Exact, Leaf, Node
from archive.tree import Not as Without
from storage.match import fts5, tsquery


def told(node: Node | None) -> object:
    """A tree as nested tuples of what was typed."""
    match node:
        case Leaf(raw=raw, words=words):
            return raw + ("*" if words.prefix else "")
        case Exact(raw=raw):
            return f"={raw}"
        case Without(part=part):
            return ("not", told(part))
        case None:
            return None
    return (type(node).__name__.lower(), *map(told, node.parts))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", None),
        ("   ", None),
        ("word", "word"),
        ("two words", ("all", "two", "words")),
        ("two AND words", ("all", "two", "words")),
        ("a1 OR b1 c1", ("any", "a1", ("all", "b1", "c1"))),
        ("(a1 OR b1) c1", ("all", ("any", "a1", "b1"), "c1")),
        ('"two words" more*', ("all", "two words", "more*")),
        ("“two words”", "two words"),
        ("«two words»", "two words"),
        ("a1 -b1", ("all", "a1", ("not", "b1"))),
        ("NOT NOT a1", "a1"),
        ("a1 NOT (b1 OR c1)", ("all", "a1", ("not", ("any", "b1", "c1")))),
        ('="As It Is"', "=As It Is"),
        ("=🔥", "=🔥"),
        ("u-turn", "u-turn"),
        ("or and not", ("all", "or", "and", "not")),
        ("https://t.me/x", "https://t.me/x"),
        ("ORANGE", "ORANGE"),
    ],
)
def test_a_query_is_read(text: str, tree: object) -> None:
    assert told(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("(a1 OR", 6, "after OR a word is missing"),
        ("a1 OR OR b1", 6, "after OR a word is missing"),
        ("OR a1", 0, "OR stands at the beginning"),
        ("AND a1", 0, "AND stands at the beginning"),
        ("a1 AND", 6, "after AND a word is missing"),
        ("a1 NOT", 6, "after NOT a word is missing"),
        ("(a1", 0, "never closed"),
        ("a1)", 2, "closes none"),
        ("()", 1, "there is nothing here"),
        ('say "it', 4, "never closed"),
        ("a1 🔥", 3, "holds no word"),
        ("*", 0, "a star alone"),
        ("a*", 0, "begins too many words"),
        ("topic:attacks x", 0, "topic: is no word of a post"),
        ("a1 OR -b1", 0, "only says what must not stand there"),
        ("(" * (DEEPEST + 1) + "a1" + ")" * (DEEPEST + 1), DEEPEST, "brackets within brackets"),
        ("a1 " * (MOST + 1), 3 * MOST, "words and phrases"),
        ("x" * 2000, 40, "characters at most"),
        ("a\0b", 1, "NUL"),
    ],
)
def test_a_query_that_cannot_be_read_says_where_and_why(text: str, at: int, why: str) -> None:
    with pytest.raises(QueryError, match=why) as refused:
        parse(text)
    assert refused.value.at == at


def test_a_passage_letter_for_letter_cannot_stand_among_words_in_or() -> None:
    text = 'one ="two" (three OR ="four")'
    with pytest.raises(QueryError, match="letter for letter stands among other words") as refused:
        asked(text, parse(text))
    assert refused.value.at == text.index('="four')


@given(st.text(max_size=200))
def test_every_text_is_a_query_or_a_mistake_with_a_place(text: str) -> None:
    """What comes of it holds no quote that could end a word early in either engine."""
    try:
        node = parse(text)
        match, _ = asked(text, node)
    except QueryError as refused:
        assert 0 <= refused.at <= len(refused.text)  # noqa: PT017 - either way is right, and each has its check
        return
    assert fts5(match).count('"') % 2 == 0
    assert tsquery(match).count("'") % 2 == 0


@given(st.text(max_size=120))
def test_marks_lie_in_the_raw_text_and_in_order(text: str) -> None:
    node = parse("طائرة OR drone OR ab*")
    sighting = Sighting(text + " الطَّائِرَةُ " + text)
    marks = sighting.marks(node)
    assert marks == sorted(marks)
    assert all(0 <= a < b <= len(sighting.raw) for a, b in marks)
    assert any("ط" in sighting.raw[a:b] for a, b in marks)
    snippet = sighting.snippet(node, 40)
    assert snippet.text in sighting.raw
    assert all(0 <= a < b <= len(snippet.text) for a, b in snippet.marks)


def test_a_word_takes_what_may_stand_before_it_and_loses_only_a_real_article() -> None:
    assert {"طائره", "الطائره", "والطائره", "بالطائره", "للطائره", "بطائره"} <= set(readings_of("طائره"))
    assert "طائره" in readings_of("الطائره")
    assert "مان" not in readings_of("المان")
    assert readings_of("drone") == ("drone",)
    assert set(readings_of("مسيره", first=False)) == {"مسيره", "المسيره", "ومسيره", "والمسيره"}
