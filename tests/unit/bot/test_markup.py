"""Telegram's HTML: nothing breaks it, nothing exceeds its limits."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.markup import Html, bold, clean, foreign, html, italic, joined, length, link, plain, split, units
from sandbox.botapi.markup import parse_html
from sandbox.botapi.markup import units as telegram_units

#: What people put into names: markup, entities, emoji of several code points, RTL with and without marks.
NASTY = st.text(
    st.one_of(
        st.sampled_from(list("<>&\"'/;#x \n\t\u200f\u202e\u2066\u2069\u200d\ufe0f🚀👨ابتجםא\ud800\x00\x1b")),
        st.characters(),
    ),
    max_size=300,
)


@st.composite
def marked(draw: st.DrawFn) -> Html:
    """Any nesting of what we write."""
    pieces = []
    for _ in range(draw(st.integers(1, 8))):
        piece = foreign(draw(NASTY)) if draw(st.booleans()) else html(draw(NASTY))
        for wrap in draw(st.lists(st.sampled_from(["b", "i", "a"]), max_size=3)):
            match wrap:
                case "b":
                    piece = bold(piece)
                case "i":
                    piece = italic(piece)
                case _:
                    piece = link(piece, "https://t.me/x?a=1&b=" + html(draw(st.text("<>&\"'", max_size=3))))
        pieces.append(piece)
    return joined(pieces, draw(st.sampled_from(["\n", " ", "", " · "])))


def test_what_cannot_be_sent_is_what_unicode_calls_surrogates_and_controls() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    gone = set(every) - set(clean(every))
    assert gone == {c for c in every if unicodedata.category(c) in ("Cs", "Cc")} - {"\n", "\t"}


@given(NASTY)
def test_anybodys_text_is_read_back_as_it_was_meant(text: str) -> None:
    assert parse_html(html(text)).text == clean(text)


@given(NASTY)
def test_a_foreign_name_stays_on_its_line_and_in_its_direction(text: str) -> None:
    name = plain(foreign(text))
    assert "\n" not in name
    assert not name or (name[0], name[-1]) == ("\u2068", "\u2069")
    inner = name[1:-1]
    assert not set(inner) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(marked(), st.integers(20, 400))
def test_a_split_text_is_whole_wellformed_and_within_the_limit(text: Html, longest: int) -> None:
    pieces = split(text, longest)
    for piece in pieces:
        read = parse_html(piece)  # raises where a tag is left open
        assert telegram_units(read.text) <= longest
        assert read.text.strip()
    said = "".join(parse_html(text).text.split())
    assert "".join("".join(parse_html(piece).text for piece in pieces).split()) == said


@given(marked())
def test_lengths_are_counted_as_telegram_counts_them(text: Html) -> None:
    assert length(text) == telegram_units(parse_html(text).text)
    assert plain(text) == parse_html(text).text


def test_an_emoji_counts_two() -> None:
    assert (units("a"), units("🚀"), length(bold("🚀"))) == (1, 2, 2)


def test_a_text_is_cut_at_the_end_of_a_line_where_there_is_one() -> None:
    text = joined([html("word " * 10), html("other " * 5)], "\n")
    assert split(text, 60) == ["word " * 9 + "word", "other " * 4 + "other"]


def test_bold_over_a_cut_is_closed_and_opened_again() -> None:
    first, second = split(bold("one two three four"), 10)
    assert first == "<b>one two </b>"
    assert second == "<b>three four</b>"


def test_an_accent_stays_with_its_letter() -> None:
    pieces = split(html("e\u0301" * 30), 21)
    assert all(not piece.startswith("\u0301") for piece in pieces)
    assert "".join(pieces) == "e\u0301" * 30
