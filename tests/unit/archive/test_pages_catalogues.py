"""What the pages say is translated, and says the same."""

import re
from zoneinfo import ZoneInfo

import pytest

from alerts.evidence import COUNTRY_QUIET
from archive.pages.catalogues import missing, renewed, templates
from archive.pages.labels import KINDS
from archive.pages.names import names_of
from archive.pages.voice import catalogue_of, voice_of
from claims.lexicon.load import load
from domain.finding import Kind
from domain.sentence import Country, Sentence

_FILLED = re.compile(r"%\((\w+)\)s|(?<!%)\{(\w+)\}")


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    kept, fresh = catalogue_of(language), renewed(language)
    assert kept is not None
    assert missing(fresh) == []
    assert {message.id for message in kept} == {message.id for message in fresh}


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_what_fills_a_sentence_is_the_same_in_every_language(language: str) -> None:
    kept = catalogue_of(language)
    assert kept is not None
    wrong = []
    for template in templates():
        one = template if isinstance(template, str) else template[0]
        message = kept.get(one)
        assert message is not None
        more = one if isinstance(template, str) else template[1]
        said = [message.string] if isinstance(message.string, str) else message.string
        names = set(_FILLED.findall(more))
        # Words for nothing, one and two have no place for the number.
        free = set() if isinstance(template, str) else {("n", "")}
        wrong += [each for each in said if not names - free <= set(_FILLED.findall(each)) <= names]
    assert wrong == []


def test_numbers_are_as_exact_as_known_and_in_the_digits_of_the_language() -> None:
    english, arabic, persian = voice_of("en"), voice_of("ar"), voice_of("fa")
    assert [english.number(n) for n in (None, 0, 0.42, 3.0, 9.96, 28.4, 12_500)] == [
        *("–", "0", "0.4", "3", "10", "28", "12\u202f500"),
    ]
    assert (arabic.number(1_234), persian.number(8.5)) == ("١٬٢٣٤", "۸٫۵")


def test_a_number_of_false_alarms_is_said_as_it_was_set() -> None:
    english, persian = voice_of("en"), voice_of("fa")
    assert [english.alarms(n) for n in (0.01, 0.05, 0.25, 0.75, 1.0, 12, 30)] == [
        *("0.01", "0.05", "0.25", "0.75", "1", "12", "30"),
    ]
    assert persian.alarms(0.25) == "۰٫۲۵"


def test_every_kind_of_episode_has_a_word() -> None:
    assert set(KINDS) == set(Kind)


def test_who_is_not_named_is_said_to_be_so_in_the_readers_language() -> None:
    names = names_of(load())
    assert names.of("unknown_group", "en") == "a group that is not named"
    assert names.of("unknown_group", "ar") == "جماعة غير مسمّاة"
    assert names.of("kh", "en") != "kh"


def test_a_country_is_named_in_the_readers_language() -> None:
    quiet = Sentence(COUNTRY_QUIET, quiet=27, n=28, country=Country("IQ"))
    said = {lang: voice_of(lang).sentence(quiet, ZoneInfo("UTC")) for lang in ("en", "ar", "fa")}
    assert "channels made in \u2068Iraq\u2069 are quiet" in said["en"]
    assert "العراق" in said["ar"]
    assert "عراق" in said["fa"]
    assert voice_of("en").country("XQ") == "XQ"


def test_a_share_is_whole_only_when_nothing_is_missing() -> None:
    voice = voice_of("en")
    assert [voice.share(part) for part in (0.0, 0.001, 0.5, 0.9999, 1.0)] == [
        "0%",
        "<1%",
        "50%",
        "99%",
        "100%",
    ]
