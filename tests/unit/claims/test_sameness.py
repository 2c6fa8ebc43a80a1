"""What holds two tellings together besides their slots: ships, sounds, places, copied lines."""

import pytest

from claims.copies import breaks_off, telling_lines, words_of
from claims.lexicon.load import load
from claims.nearby import APART, BROAD, NEAR, SAME, Nearby
from claims.normalise import fold_text
from claims.ships import same_ship, ship_names
from claims.sounds import likeness, skeleton
from domain.claim import Claim, ClaimKind, Span


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("القوات المسلحة اليمنية استهدفت سفينة نجمة الشمال في البحر الأحمر", "نجمه الشمال"),
        ("استهداف ناقلة النفط الأمريكية «كورال بيرل» بصاروخ", "كورال بيرل"),
        ("Houthis say they hit the British tanker Blue Heron in the Gulf of Aden", "blue heron"),
        ("Attack on MV Stella Nova, no one hurt", "stella nova"),
        ("Хуситы атаковали танкер Северный Ветер в Красном море", "северный ветер"),
        ("استهداف سفينة في البحر الأحمر", None),
        ("A ship was hit by a missile", None),
        ("حمله به کشتی اسرائیلی کورال در دریای سرخ", "كورال"),
    ],
)
def test_the_name_of_a_ship_follows_the_word_for_it(text: str, named: str | None):
    assert ship_names(text) == (frozenset({fold_text(named)}) if named else frozenset())


@pytest.mark.parametrize(
    ("a", "b"),
    [("باسيفيك ون", "Pacific One"), ("كورال بيرل", "Coral Pearl"), ("ستيلا نوفا", "Стелла Нова"),
     ("سونيون", "Sounion"), ("توتور", "Tutor"), ("مادو", "Maado"),
     ("إم إس سي فيغا", "MSC Vega"), ("نجمة الشمال", "نجمة")],
)  # fmt: skip
def test_a_name_sounds_alike_in_another_script(a: str, b: str):
    assert same_ship(frozenset({a}), frozenset({b})) == 1.0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("باسيفيك", "Golden Star"),
        ("كورال بيرل", "Sounion"),
        ("Tutor", "Verbena"),
        ("MSC Vega", "MSC Sarah"),
        ("ام اس سي فيغا", "Sounion"),
    ],
)
def test_another_name_is_another_ship(a: str, b: str):
    assert same_ship(frozenset({a}), frozenset({b})) == -1.0


def test_where_no_name_is_told_nothing_is_known():
    assert same_ship(frozenset(), frozenset({"Tutor"})) == 0.0
    assert likeness(skeleton("ا"), skeleton("Tutor")) is None


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("tanf", "tanf", SAME),
        ("victoria", "biap", NEAR),
        ("haifa", "haifa_port", NEAR),
        ("erbil_airport", "us_consulate_erbil", APART),
        ("erbil", "us_consulate_erbil", NEAR),
        ("tanf", "syria", BROAD),
        ("tanf", "iraq", APART),
        ("red_sea", "bab_mandab", BROAD),
        ("red_sea", "mediterranean", APART),
        ("eilat", "haifa", APART),
    ],
)
def test_how_two_places_lie_to_one_another(a: str, b: str, how: float):
    nearby = Nearby(load().places)
    assert nearby.relation(a, b) == nearby.relation(b, a) == how


def test_only_the_lines_that_tell_of_the_act_are_those_of_a_copy():
    opener, line = "بسم الله الرحمن الرحيم", "استهدف مجاهدونا قاعدة التنف بطائرتين مسيرتين"
    text = f"{opener}\n{line}\nوما النصر إلا من عند الله"
    at = text.index("قاعدة")
    claim = Claim(
        kind=ClaimKind.RESPONSIBILITY, evidence=(Span(field="location", start=at, end=at + 5, rule="x"),)
    )
    assert telling_lines(claim, text) == {words_of(line)}


def test_a_copy_that_breaks_off_is_the_beginning_of_the_whole_and_longer_than_an_opener():
    whole = words_of("انفجار داخل قاعدة فيكتوريا")
    assert breaks_off(words_of("انفجار داخل قاعدة..."), whole)
    assert not breaks_off(words_of("انفجار داخل..."), whole)
    assert not breaks_off(whole, whole)
