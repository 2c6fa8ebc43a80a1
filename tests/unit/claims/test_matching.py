"""Which claims tell of the same act."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from claims.clusters import ReadPost, clusters
from claims.lexicon.load import load
from claims.matching import Told, match
from claims.reading import read_post

BASE = datetime(2024, 3, 4, 6, tzinfo=ZoneInfo("Asia/Baghdad"))


def same(*posts: tuple[float, str]) -> list[int]:
    """The act of each post; posts are given as (hours later, text)."""
    rows = []
    for number, (hours, text) in enumerate(posts):
        at = BASE + timedelta(hours=hours)
        claims = read_post(load(), text, posted=at).claims
        rows.append(ReadPost(id=number, posted_at=at, text=text, claims=claims))
    found = clusters(rows, load().places)
    names = list(dict.fromkeys(found.values()))
    return [names.index(found[i]) for i in range(len(posts))]


TANF = "المقاومة الإسلامية في العراق استهدفت قاعدة التنف بطائرتين مسيرتين"


@pytest.mark.parametrize(
    ("later", "text"),
    [
        (0.2, TANF + " 💥💥"),
        (0.5, "Two drones hit al-Tanf garrison in Syria"),
        (0.7, "حمله پهپادی به پایگاه التنف در سوریه"),
        (1, "Беспилотники атаковали американскую базу Эт-Танф"),
        (2, "انفجارات في قاعدة التنف"),
        (20, "إصابة جنديين أمريكيين في هجوم المسيرات على قاعدة التنف"),
        (90, "مشاهد من استهداف المقاومة الإسلامية في العراق قاعدة التنف بالمسيرات"),
    ],
)
def test_relays_translations_updates_and_footage_tell_of_the_same_act(later: float, text: str):
    assert same((0, TANF), (later, text)) == [0, 0]


@pytest.mark.parametrize(
    ("later", "text"),
    [
        (24 * 7, TANF),
        (48, TANF),
        (3, "المقاومة الإسلامية في العراق استهدفت مجدداً قاعدة التنف بطائرتين مسيرتين"),
        (0.5, "المقاومة الإسلامية في العراق استهدفت قاعدة الشدادي بطائرتين مسيرتين"),
        (0.5, "عصبة الثائرين استهدفت قاعدة التنف بطائرتين مسيرتين"),
        (0.5, "المقاومة الإسلامية في العراق استهدفت قاعدة التنف بقذائف الهاون"),
        (0.5, "القيادة المركزية تنفي استهداف قاعدة التنف بطائرتين مسيرتين"),
        (0.5, "طقس حار في عموم البلاد غداً"),
    ],
)
def test_another_day_place_claimant_weapon_or_a_denial_is_not_the_same_act(later: float, text: str):
    assert same((0, TANF), (later, text)) == [0, 1]


IRBIL = "سرايا أولياء الدم تعلن استهداف مطار أربيل بطائرتين مسيرتين"
EILAT = "المقاومة الإسلامية في العراق تهاجم هدفاً عسكرياً في أم الرشراش بالطيران المسيّر"
RAID = "حزب الله: قصفنا ثكنة زرعيت برشقة صاروخية"


@pytest.mark.parametrize(
    ("first", "later", "text"),
    [
        (IRBIL, 0.1, "سـ.ـرايا أوليـ.ـاء الـ.ـدم تعلن استـ.ـهداف مطار أربيل بطائرتين مسيرتين"),
        (IRBIL, 0.2, f"نقلاً عن قناة صدى الرافدين:\n{IRBIL}\nتابعونا على تلغرام"),
        (IRBIL, 0.6, "دوو درۆن هێرشیان کردە سەر فڕۆکەخانەی هەولێر"),
        (IRBIL, 0.8, "Erbil Havalimanı'na iki İHA ile saldırı düzenlendi"),
        (EILAT, 0.5, 'כטב"ם מעיראק התפוצץ באילת'),
        (EILAT, 0.7, "Drone launched from Iraq strikes Eilat"),
        (EILAT, 1, "مقاومت عراق ایلات را با پهپاد هدف گرفت"),
        (
            EILAT,
            30,
            "المقاومة الإسلامية في العراق: هاجمنا أمس الاثنين هدفاً عسكرياً في أم الرشراش بالطيران المسيّر",
        ),
        (RAID + " عند الساعة 05:15", 0.5, RAID + " الساعة 5:15 صباحاً"),
    ],
)
def test_copies_and_other_languages_tell_of_the_same_act(first: str, later: float, text: str):
    assert same((0, first), (later, text)) == [0, 0]


@pytest.mark.parametrize(
    ("first", "later", "text"),
    [
        (IRBIL, 0.5, "سرايا أولياء الدم تعلن استهداف القنصلية الأمريكية في أربيل بطائرتين مسيرتين"),
        (IRBIL, 0.5, "حكومة إقليم كردستان تنفي تعرض مطار أربيل لهجوم بطائرتين مسيرتين"),
        (IRBIL, 0.5, "سرايا أولياء الدم: سنستهدف مطار أربيل بطائرات مسيرة"),
        (IRBIL, 24 * 365, "في مثل هذا اليوم قبل عام استهدفت سرايا أولياء الدم مطار أربيل بطائرتين مسيرتين"),
        (EILAT, 4, "المقاومة الإسلامية في العراق تهاجم مرة أخرى هدفاً عسكرياً في أم الرشراش بالطيران المسيّر"),
        (EILAT, 5, "Iraqi resistance attacks Eilat again with drones"),
        (EILAT, 5, "مقاومت عراق بار دیگر ایلات را با پهپاد هدف گرفت"),
        (EILAT, 0.5, "المقاومة الإسلامية في العراق تهاجم هدفاً عسكرياً في حيفا بالطيران المسيّر"),
        (RAID, 0.5, "حزب الله: قصفنا مدينة نهاريا برشقة صاروخية"),
        ("حزب الله: قصفنا قاعدة رامات دافيد بصواريخ", 0.5, "حزب الله: قصفنا ثكنة زرعيت بصواريخ"),
        (RAID + " عند الساعة 05:15", 4, RAID + " عند الساعة 09:40"),
        (RAID + " فجر اليوم", 9, RAID + " عصر اليوم"),
        (
            "كتائب القسام: استهدفنا دبابة شرق جباليا بقذيفة",
            0.3,
            "سرايا القدس: استهدفنا دبابة شرق جباليا بقذيفة",
        ),
    ],
)
def test_another_place_hour_or_claimant_a_threat_a_denial_and_a_memory_are_not(
    first: str, later: float, text: str
):
    assert same((0, first), (later, text)) == [0, 1]


def test_another_attack_on_the_day_has_its_own_relays_and_translations():
    again = "المقاومة الإسلامية في العراق تهاجم مجدداً هدفاً عسكرياً في أم الرشراش بالطيران المسيّر"
    told = [(0, EILAT), (0.2, "🔴 " + EILAT), (4, again), (4.2, again + " 🔥")]
    told += [(4.4, "Drone launched from Iraq strikes Eilat again"), (4.6, 'כטב"ם מעיראק התפוצץ באילת')]
    assert same(*told) == [0, 0, 1, 1, 1, 1]


def test_another_ship_is_another_act():
    first = "القوات المسلحة اليمنية استهدفت سفينة نجمة الشمال في البحر الأحمر بصاروخ"
    other = "القوات المسلحة اليمنية استهدفت سفينة كوكب البحار في البحر الأحمر بصاروخ"
    assert same((0, first), (0.3, first), (1, other)) == [0, 0, 1]


def test_a_text_that_was_cut_off_belongs_to_the_whole_one():
    assert same((0, "انفجار داخل قاعدة فيكتوريا"), (0.1, "انفجار داخل قاعدة...")) == [0, 0]


def test_the_order_in_which_claims_come_changes_nothing():
    texts = [(0.0, TANF), (0.5, "Two drones hit al-Tanf garrison in Syria"), (30.0, TANF)]
    told = []
    for number, (hours, text) in enumerate(texts):
        at = BASE + timedelta(hours=hours)
        claim = read_post(load(), text, posted=at).claims[0]
        told.append(Told(post=number, number=1, posted_at=at, claim=claim, text=text))
    assert (
        match(told, load().places)
        == match(reversed(told), load().places)
        == {(0, 1): 1, (1, 1): 1, (2, 1): 2}
    )
