"""When an act was, as its post says."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from claims.dates import find_date
from claims.lexicon.load import load
from claims.normalise import fold_text
from domain.claim import DateSource

BAGHDAD = ZoneInfo("Asia/Baghdad")
#: A Saturday.
POSTED = datetime(2024, 10, 26, 9, 30, tzinfo=BAGHDAD)


@pytest.mark.parametrize(
    ("lang", "text", "day", "source"),
    [
        ("ar", "بتاريخ 24-10-2024", "2024-10-24", "numeric"),
        ("ar", "٢٠٢٤/١٠/٢٤", "2024-10-24", "numeric"),
        ("ar", "24 – 10 – 2024", "2024-10-24", "numeric"),
        ("ar", "24 تشرين الأول", "2024-10-24", "month_name"),
        ("ar", "يوم 24 أكتوبر 2024", "2024-10-24", "month_name"),
        ("ar", "هاجم مجاهدونا اليوم السبت", "2024-10-26", "relative"),
        ("ar", "يوم الخميس", "2024-10-24", "weekday"),
        ("ar", "أمس الجمعة", "2024-10-25", "relative"),
        ("ar", "مساء أمس", "2024-10-25", "relative"),
        ("ar", "ليلة أمس", "2024-10-25", "relative"),
        ("ar", "قبل يومين", "2024-10-24", "relative"),
        ("ar", "قبل ثلاثة أيام", "2024-10-23", "relative"),
        ("ar", "فجراً", "2024-10-26", "relative"),
        ("ar", "22 ربيع الثاني 1446 هـ", "2024-10-26", "hijri"),
        ("fa", "۳ آبان", "2024-10-24", "month_name"),
        ("fa", "دیروز", "2024-10-25", "relative"),
        ("fa", "دیشب", "2024-10-25", "relative"),
        ("fa", "۱۴۰۳/۰۸/۰۳", "2024-10-24", "numeric"),
        ("en", "on October 24", "2024-10-24", "month_name"),
        ("en", "on 24 October 2024", "2024-10-24", "month_name"),
        ("en", "on Thursday", "2024-10-24", "weekday"),
        ("en", "last night", "2024-10-25", "relative"),
        ("en", "two days ago", "2024-10-24", "relative"),
        ("en", "yesterday", "2024-10-25", "relative"),
        ("ru", "вчера", "2024-10-25", "relative"),
        ("ru", "24 октября", "2024-10-24", "month_name"),
        ("tr", "dün gece", "2024-10-25", "relative"),
        ("tr", "Perşembe günü", "2024-10-24", "weekday"),
        ("he", "אתמול", "2024-10-25", "relative"),
        ("he", "ביום חמישי", "2024-10-24", "weekday"),
        ("ckb", "دوێنێ", "2024-10-25", "relative"),
    ],
)
def test_a_date_is_found_in_the_ways_people_write_it(lang: str, text: str, day: str, source: str):
    folded = fold_text(text)
    found = find_date(folded, 0, len(folded), lang, load().calendar, POSTED)
    assert found is not None
    assert (found.day, found.source) == (date.fromisoformat(day), DateSource(source))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ar", "استهداف قاعدة حرير"),
        ("ar", "رمضان كريم"),
        ("ar", "خطيب الجمعة"),
        ("ar", "صلاة الجمعة"),
        ("ar", "عام 2006"),
        ("ar", "غدا"),
        ("fa", "دی ماه سرد"),
        ("en", "may have been hit"),
        ("en", "MQ-9 at 22.5 km"),
    ],
)
def test_what_only_looks_like_a_date_is_none(lang: str, text: str):
    folded = fold_text(text)
    assert find_date(folded, 0, len(folded), lang, load().calendar, POSTED) is None


def test_the_weekday_decides_when_it_does_not_agree_with_yesterday():
    folded = fold_text("أمس الخميس")
    found = find_date(folded, 0, len(folded), "ar", load().calendar, POSTED)
    assert found is not None
    assert found.day == date(2024, 10, 24)


def test_a_hijri_date_moves_the_day_only_when_it_is_further_than_a_sighting():
    for text, day in (
        ("21 ربيع الثاني 1446", date(2024, 10, 26)),
        ("10 ربيع الثاني 1446", date(2024, 10, 13)),
    ):
        folded = fold_text(text)
        found = find_date(folded, 0, len(folded), "ar", load().calendar, POSTED)
        assert found is not None
        assert abs((found.day - day).days) <= 1
