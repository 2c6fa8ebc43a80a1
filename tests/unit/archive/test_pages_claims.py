"""Acts put together of what posts tell."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from archive.pages.incidents import points_of
from archive.pages.names import Names
from archive.weeks import acts_of, by_week, watched_weeks
from claims.lexicon.entries import Place
from domain.claim import ClaimKind
from domain.watch import Seen
from storage.tracker import Told

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
NAMES = Names(
    places={
        "harir": Place(id="harir", kind="base", country="IQ", lat=36.5, lon=44.3),
        "iraq": Place(id="iraq", kind="country", country="IQ", lat=33.0, lon=44.0),
        "nowhere": Place(id="nowhere", kind="site", country="IQ", lat=None, lon=None),
    }
)


def told(incident: int, post: int = 1, **more: Any) -> Told:
    fields: dict[str, Any] = {
        "channel_id": 7,
        "posted_at": NOON,
        "kind": ClaimKind.RESPONSIBILITY,
        "claimant": "kh",
        "target": None,
        "location": None,
        "precision": None,
        "country": None,
        "weapons": (),
        "day": None,
        "repeat": False,
    }
    return Told(incident_id=incident, post_id=post, **{**fields, **more})


def test_an_act_stands_once_with_its_most_exact_place_however_many_tell_of_it() -> None:
    [act] = acts_of(
        [
            told(1, 1, location="iraq", precision="country", posted_at=NOON),
            told(1, 2, channel_id=8, location="harir", precision="site", posted_at=NOON + timedelta(hours=1)),
            told(1, 3, claimant=None, location="oov", precision=None),
        ]
    )
    assert (act.location, act.precision, act.posts, act.channels) == ("harir", "site", 3, (7, 8))
    assert act.claimants == ("kh",)
    assert act.first_at == NOON


def test_what_is_known_by_its_country_or_has_no_point_is_not_drawn() -> None:
    acts = acts_of(
        [
            told(1, location="harir", precision="site"),
            told(2, location="harir", precision="region"),
            told(3, location="iraq", precision="country"),
            told(4, location="nowhere", precision="site"),
            told(5, location="oov"),
            told(6),
        ]
    )
    points, elsewhere = points_of(acts, NAMES)
    assert [(p.code, p.n, p.precision) for p in points] == [("harir", 2, "region")]
    assert elsewhere == 4


def test_weeks_begin_on_monday_where_the_reader_is() -> None:
    zone = ZoneInfo("Asia/Baghdad")
    sunday_night = datetime(2026, 3, 1, 22, tzinfo=UTC)  # Monday 01:00 in Baghdad
    acts = acts_of([told(1, posted_at=sunday_night), told(2, posted_at=NOON), told(3, claimant=None)])
    weeks = [date(2026, 2, 23), date(2026, 3, 2)]
    assert by_week(acts, weeks, zone) == [("kh", [0, 2]), ("unknown_group", [0, 1])]
    assert by_week(acts, weeks, ZoneInfo("UTC"))[0] == ("kh", [1, 1])


def test_a_week_in_which_the_clocks_are_moved_is_as_long_as_it_was() -> None:
    """In Beirut the last week of October 2026 has 169 hours, and that of March 2027 has 167."""
    zone, hour = ZoneInfo("Asia/Beirut"), timedelta(hours=1)
    for monday, hours in ((date(2026, 10, 19), 169), (date(2027, 3, 22), 167)):
        end = datetime(monday.year, monday.month, monday.day, tzinfo=zone) + timedelta(days=7)
        end = end.astimezone(UTC)
        seen = Seen(((end - hour / 2, end),))
        [(_, share)] = watched_weeks([seen], [monday], zone, end)
        assert abs(share - 0.5 / hours) < 1e-9
