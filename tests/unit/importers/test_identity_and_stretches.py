"""Names become numbers, and ids become stretches of time of which everything is known."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.importers.identity import invented, origin_of
from collector.importers.record import Origin
from collector.importers.stretches import REACH, Stretches

AT = datetime(2024, 3, 1, tzinfo=UTC)


def at(post_id: int) -> datetime:
    return AT + timedelta(minutes=post_id)


def found(ids: Sequence[int | None]) -> list[tuple[datetime, datetime]]:
    """None: a record that could not be read."""
    stretches = Stretches()
    for each in ids:
        if each is None:
            stretches.tear()
        else:
            stretches.add(each, at(each))
    return list(stretches.found())


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("falcon_news", Origin(handle="falcon_news")),
        ("@Falcon_News", Origin(handle="Falcon_News")),
        ("https://t.me/s/falcon_news", Origin(handle="falcon_news")),
        ("t.me/falcon_news/", Origin(handle="falcon_news")),
        ("-1001234567", Origin(number=1234567)),
        ("1234567", Origin(number=1234567)),
        ("Falcon News", Origin(title="Falcon News")),
        ("  ", None),
    ],
)
def test_a_name_is_a_handle_a_link_a_number_or_a_title(name: str, origin: Origin | None) -> None:
    assert origin_of(name) == origin


def test_beside_a_number_a_bare_name_is_a_title() -> None:
    assert origin_of("Mash", 5) == Origin(number=5, title="Mash")
    assert origin_of("@Mash", 5) == Origin(number=5, handle="Mash")


@given(st.text())
def test_an_invented_number_never_meets_one_of_telegrams(name: str) -> None:
    assert -(2**48) <= invented(name) < 0


def test_all_ids_in_any_order_are_one_stretch() -> None:
    ids = list(range(1, 3001))
    whole = [(at(1), at(3000))]
    assert found(ids) == whole
    assert found(ids[::-1]) == whole
    random.Random(4).shuffle(ids)
    assert found(ids) == whole


def test_the_holes_of_albums_and_deleted_posts_tear_no_stretch() -> None:
    rare = random.Random(4)
    ids = [n for n in range(1, 2000) if rare.random() < 0.6 or n in (1, 1999)]
    assert found(ids) == [(at(1), at(1999))]


def test_a_wide_hole_is_not_known() -> None:
    ids = [*range(1, 100), *range(99 + REACH + 1, 300)]
    assert found(ids) == [(at(1), at(99)), (at(99 + REACH + 1), at(299))]


def test_where_a_record_could_not_be_read_nothing_is_claimed() -> None:
    assert found([1, 2, None, 5, 6, 7]) == [(at(1), at(2)), (at(5), at(7))]
    assert found([7, 6, 5, None, None, 2, 1]) == [(at(1), at(2)), (at(5), at(7))]
    assert found([None, 1, 2, 3, None]) == [(at(1), at(3))]
    assert found([1, 2, None, 3, None, 4, 5]) == [(at(1), at(2)), (at(4), at(5))]


def test_posts_that_somebody_picked_out_are_no_stretch() -> None:
    assert found([n * 5 for n in range(1, 500)]) == []
    assert found([n * 1000 for n in range(1, 5000)]) == []
    assert found([7]) == []
