"""What is found in a text, however many scripts the words that are looked for are written in."""

from itertools import pairwise

from claims.finder import Finder
from claims.normalise import fold
from claims.surfaces import patterns

#: More letters than there are bytes.
_HAN = [chr(0x4E00 + n) for n in range(400)]


def finder_of(words: list[str]) -> Finder[str]:
    return Finder((pattern, word) for word in words for pattern in patterns(word))


def test_words_of_more_letters_than_there_are_bytes_are_told_apart() -> None:
    words = [a + b for a, b in pairwise(_HAN)]
    finder = finder_of(["قاعدة", *words])
    for word in words:
        assert [hit.what for hit in finder.find(fold(f"— {word} —"))] == [word]
    assert finder.find(fold(f"{_HAN[3]}{_HAN[7]} {_HAN[399]}{_HAN[398]}")) == []


def test_a_mark_that_is_no_letter_of_any_word_is_taken_for_none() -> None:
    finder = finder_of(["who?", "🔴 base", "base"])
    assert [hit.what for hit in finder.find(fold("who? me"))] == ["who?"]
    assert finder.find(fold("who鵬 me")) == finder.find(fold("who🚀 me")) == []
    assert {hit.what for hit in finder.find(fold("🔴 base"))} == {"🔴 base", "base"}
    assert {hit.what for hit in finder.find(fold("🚀 base"))} == {"base"}


def test_a_place_in_the_text_is_that_of_the_character() -> None:
    text = fold("🚀🚀 鵬 شنوا \0 قاعدة")
    (hit,) = finder_of(["قاعدة"]).find(text)
    assert text.text[hit.start : hit.end] == "قاعده"
