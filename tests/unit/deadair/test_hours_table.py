"""Hours in the terminal: what came beside what was expected, and what nobody watched as unknown."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from deadair.hours_table import FROM_END, FROM_START, table
from domain.series import Expected

START = datetime(2031, 3, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
BAGHDAD = ZoneInfo("Asia/Baghdad")


def points(*observed: int | None, expected: float = 2.0) -> list[Expected]:
    return [
        Expected(start=START + n * HOUR, observed=each, expected=expected, lower=0, upper=5)
        for n, each in enumerate(observed)
    ]


def test_an_hour_that_was_not_watched_is_unknown_and_an_empty_one_is_none() -> None:
    _, unknown, empty = table(points(None, 0), BAGHDAD, {})
    assert "?" in unknown
    assert "░" in unknown
    assert " 0 " in empty
    assert "░" not in empty
    assert "█" not in unknown + empty


def test_hours_are_those_of_the_zone_and_a_new_day_is_named() -> None:
    lines = list(table(points(*[1] * 24), BAGHDAD, {}))
    assert lines[1].startswith("Fri 14 Mar 03:00")
    assert lines[22].startswith("Sat 15 Mar 00:00")
    assert lines[2].startswith("           04:00")


def test_instants_are_marked_beside_their_hours() -> None:
    marks = {START + HOUR * 1.5: "news", START + HOUR * 1.75: "told"}
    lines = list(table(points(1, 0, 0), BAGHDAD, marks))
    assert lines[2].endswith("← news, told")
    assert "←" not in lines[1] + lines[3]


def test_the_middle_of_a_long_episode_is_folded_unless_all_is_asked_for() -> None:
    long = points(*[1] * 100, *[None] * 100)
    lines = list(table(long, BAGHDAD, {START + 90 * HOUR: "told"}))
    folds = [line for line in lines if "hours more" in line]
    assert len(folds) == 2
    assert "48 hours more: 48 came, 96.0 expected" in folds[0]
    assert "not watched" in folds[1]
    assert any("← told" in line for line in lines)
    assert len(lines) == 1 + FROM_START + FROM_END + 1 + 2
    assert len(list(table(long, BAGHDAD, {}, whole=True))) == 201


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 5000)), st.floats(0, 5000)), min_size=1, max_size=30
    ),
    st.integers(60, 200),
)
def test_no_line_is_wider_than_the_terminal(hours: list[tuple[int | None, float]], width: int) -> None:
    made = [
        Expected(start=START + n * HOUR, observed=o, expected=e, lower=0, upper=e)
        for n, (o, e) in enumerate(hours)
    ]
    for line in list(table(made, BAGHDAD, {START: "last post before"}, width=width))[1:]:
        assert len(line) <= max(width, 63)


def test_nothing_to_show_is_said() -> None:
    assert list(table([], BAGHDAD, {})) == ["no whole hour of it is in the record"]
