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
