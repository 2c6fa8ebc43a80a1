"""The words by which a channel says that it will pause."""

import pytest

from claims.normalise import fold
from claims.pauses import LONGEST, announced


@pytest.mark.parametrize(
    "text",
    [
        "Dear followers, we will be back soon.",
        "We are suspending coverage until further notice: publishing is suspended.",
        "Follow our backup channel @invented_two",
        "نعلن عن إيقاف التغطية حتى إشعار آخر",
        "سنعود قريبا إن شاء الله",
        "انتهت التغطية لهذا اليوم، ونلقاكم قريبا",
        "تابعونا على قناتنا الاحتياطية",
        "مردم عزیز، فعالیت کانال متوقف می‌شود",
        "Мы берём паузу до понедельника",
        "Подписывайтесь на наш резервный канал",
        "Yayınlarımıza ara veriyoruz, yakında döneceğiz",
        "יוצאים להפסקה, נחזור בקרוב",
        "بەم زووانە دەگەڕێینەوە",
    ],
)
def test_a_channel_that_says_it_will_pause_end_or_move_is_understood(text: str) -> None:
    assert announced(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The delegation will return to Baghdad on Sunday.",
        "A pause in the attacks was announced by the brigades.",
        "نعلق العمليات العسكرية حتى إشعار آخر",
        "قصف قاعدة عين الأسد بطائرتين مسيرتين",
        "آتش‌بس در جنوب لبنان",
        "Перемирие продлено на сутки",
    ],
)
def test_the_pauses_of_others_are_none_of_the_channels(text: str) -> None:
    assert announced(fold(text)) == ""


def test_the_words_are_given_as_they_stand_with_what_is_around_them() -> None:
    text = (
        "x" * 30 + " " + "filler " * 20 + "and then\nwe will be back soon, on Sunday at noon. " + "more " * 20
    )
    said = announced(fold(text))
    assert "and then we will be back soon, on Sunday at noon." in said
    assert len(said) < 200
    assert not said.startswith("iller")


def test_in_a_long_text_such_words_are_part_of_a_story() -> None:
    assert announced(fold("we will be back soon " + "and so on " * (LONGEST // 10))) == ""
