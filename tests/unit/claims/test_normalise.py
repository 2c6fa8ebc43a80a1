"""The fold holds for any text whatever, and leads back to the raw one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.letters import PERSIAN, PLAIN, ZWNJ, fold_letter
from claims.normalise import fold, fold_text

#: Text of the kind that breaks folds: marks, joiners, tatweel, separators, look-alikes, presentation forms.
NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "اأإآةهىيئؤءكکگپتطـ_.-·•*|~'’#@ \n\t٠۲3²①ﻻﷲﷺÅİıŞşаеорaeopбД"
            "\u064b\u0651\u200c\u200d\u200f\u202e🚀👨👩"
        ),
        st.characters(exclude_categories=()),
    ),
    max_size=60,
)


@given(NASTY)
@settings(max_examples=600, deadline=None)
def test_folding_what_is_folded_changes_nothing(text: str):
    once = fold_text(text)
    assert fold_text(once) == once


@given(st.one_of(NASTY, st.text(min_size=61, max_size=200)))
@settings(max_examples=600, deadline=None)
def test_every_letter_becomes_what_it_becomes_alone(text: str):
    for table, zwnj in ((PLAIN, ""), (PERSIAN, " ")):
        assert table.fold(text) == "".join(zwnj if c == ZWNJ else fold_letter(c) for c in text)


@given(NASTY)
@settings(max_examples=600, deadline=None)
def test_it_is_the_same_text_with_and_without_the_way_back(text: str):
    assert fold(text).text == fold_text(text)


@given(NASTY, st.data())
@settings(max_examples=600, deadline=None)
def test_every_folded_position_leads_back_inside_the_raw_text(text: str, data: st.DataObject):
    folded = fold(text)
    assert len(folded.offsets) == len(folded.text)
    assert list(folded.offsets) == sorted(folded.offsets)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    a, b = folded.raw_span(start, end)
    assert 0 <= a <= b <= len(text)
    if end > start:
        assert b > a


def test_a_character_folds_to_what_folds_to_itself():
    for code in range(0x110000):
        if not 0x3400 <= code <= 0xD7FF and not 0x20000 <= code <= 0x10FFFF:
            assert fold_letter(fold_letter(chr(code))) == fold_letter(chr(code)), hex(code)


@pytest.mark.parametrize(
    ("raw", "surface", "shown"),
    [
        ("قصف اِسْتَهْدَفَ", "استهدف", "اِسْتَهْدَفَ"),
        ("عين: ﻻ ﺻﺤﺔ", "صحه", "ﺻﺤﺔ"),
        ("تضـ.ـرب هدفاً", "تضرب", "تضـ.ـرب"),
        ("ط.ا.ئ.ر.ة مسيرة", "طايره", "ط.ا.ئ.ر.ة"),
        ("#المقاومة_الإسلامية", "المقاومه الاسلاميه", "المقاومة_الإسلامية"),
        ("عاااااجل", "عاجل", "عاااااجل"),
        ("İHA 👨‍👩‍👧 saldırısı", "saldirisi", "saldırısı"),
    ],
)
def test_a_span_is_reported_on_the_raw_text(raw: str, surface: str, shown: str):
    folded = fold(raw)
    start = folded.text.index(surface)
    a, b = folded.raw_span(start, start + len(surface))
    assert raw[a:b] == shown


UNITS = ["ا", "ـ", "a", "ا.", "#", "#_", "_", "🚀", "ﷺ", "ـ.", "aа", "a-", "لل", "ه ", " ", "\n"]


@pytest.mark.parametrize("unit", [*UNITS, "\u202e", "\ud800", "\u064b"])
def test_a_hundred_thousand_of_one_thing_are_folded_and_every_offset_stays_inside(unit: str):
    """A fold that starts over at every letter would run into the test's time limit."""
    text = unit * (100_000 // len(unit)) + " قصف"
    folded = fold(text)
    assert len(folded.offsets) == len(folded.text)
    assert folded.text.endswith("قصف")
    start, end = folded.raw_span(len(folded.text) - 3, len(folded.text))
    assert text[start:end] == "قصف"


def test_zwnj_parts_words_in_persian_and_is_noise_in_arabic():
    assert fold_text("عین‌الاسد") == "عين الاسد"
    assert fold_text("قا‌عدة") == "قاعده"


def test_real_full_stops_and_abbreviations_stay():
    assert fold_text("العراق.المقاومة") == "العراق.المقاومه"
    assert fold_text("أ.ف.ب") == "ا.ف.ب"
    assert fold_text("12ـ3ـ2024") == "12-3-2024"
