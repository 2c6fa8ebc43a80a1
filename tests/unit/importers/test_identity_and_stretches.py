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


def hours(*pauses: float) -> list[datetime]:
    """Instants with these pauses between them."""
    out = [AT]
    for pause in pauses:
        out.append(out[-1] + timedelta(hours=pause))
    return out


def of(ids: Sequence[int], times: Sequence[datetime]) -> Stretches:
    stretches = Stretches()
    for post_id, posted_at in zip(ids, times, strict=True):
        stretches.add(post_id, posted_at)
    return stretches


@pytest.mark.parametrize(
    ("missing", "is_known"),
    [
        (0, True),  # a silence
        (3, True),  # of 36 that were to be expected: deleted, or the rest of an album
        (12, False),  # so many may have been posted in it
        (28, False),
    ],
)
def test_a_long_pause_is_known_unless_about_as_many_posts_are_missing(missing: int, is_known: bool) -> None:
    times = hours(*[2] * 50, 72, *[2] * 50)
    ids = [*range(1, 52), *range(52 + missing, 103 + missing)]
    whole = [(times[0], times[-1])]
    assert list(of(ids, times).found()) == (
        whole if is_known else [(times[0], times[50]), (times[51], times[-1])]
    )


def test_what_is_held_beside_a_stretch_makes_it_longer() -> None:
    times = hours(*[2] * 50, 72, *[2] * 50)
    stretches = of([*range(101, 152), *range(172, 223)], times)
    assert stretches.wanted() == [100, 223, 152, 171]
    hour = timedelta(hours=1)
    held = {100: times[0] - hour, 223: times[-1] + hour, 152: times[50] + hour, 171: times[51] - hour}
    assert list(stretches.found(held)) == [
        (times[0] - hour, times[50] + hour),
        (times[51] - hour, times[-1] + hour),
    ]


def test_a_file_in_more_pieces_than_are_kept_apart_is_known_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("collector.importers.stretches._MOST", 64)
    times = hours(*[2] * 600, 72, *[2] * 600)
    ids = [n + n // 3 for n in range(601)]  # every fourth is missing
    ids += [ids[-1] + 20 + n + n // 3 for n in range(601)]
    known = [(times[0], times[600]), (times[601], times[-1])]
    assert list(of(ids, times).found()) == known
    assert list(of(ids[::-1], times[::-1]).found()) == known
