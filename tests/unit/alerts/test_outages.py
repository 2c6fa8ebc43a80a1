"""What others say of outages, in the forms in which they say it."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.outages import STALE, Outage, UnknownForm, read_outages, told_of
from domain.instant import FIRST
from tests.support.odd_files import JUNK, odd

NOON = datetime(2031, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def test_events_of_ioda_begin_and_last() -> None:
    events = {
        "data": [
            {
                "location": "country/IQ",
                "start": seconds(NOON),
                "duration": 7200,
                "datasource": "bgp",
                "score": 9.5,
            },
            {"location": "country/iq", "start": seconds(NOON), "duration": 0, "datasource": "ping-slash24"},
            {"location": "region/4416", "start": seconds(NOON), "duration": 7200, "datasource": "bgp"},
            {"location": "country/XQ", "start": seconds(NOON), "duration": 7200},
            {"location": "country/IR", "start": "soon"},
            "nonsense",
        ]
    }
    assert read_outages(events) == [
        Outage(source="IODA", country="IQ", from_at=NOON, to_at=NOON + 2 * HOUR, what="bgp"),
        Outage(source="IODA", country="IQ", from_at=NOON, to_at=None, what="ping-slash24"),
    ]


def test_alerts_of_ioda_make_an_outage_from_the_first_below_normal_to_the_next_normal() -> None:
    def alert(hour: int, level: str, source: str = "bgp", sort: str = "country") -> dict[str, object]:
        entity = {"code": "IQ", "name": "Iraq", "type": sort}
        return {"entity": entity, "time": seconds(NOON + hour * HOUR), "level": level, "datasource": source}

    rows = [
        alert(3, "normal"), alert(0, "normal"), alert(1, "critical"), alert(2, "warning"),
        alert(4, "critical", "merit-nt"), alert(1, "critical", sort="asn"),
    ]  # fmt: skip
    assert read_outages({"data": [rows]}) == [
        Outage(source="IODA", country="IQ", from_at=NOON + HOUR, to_at=NOON + 3 * HOUR, what="bgp"),
        Outage(source="IODA", country="IQ", from_at=NOON + 4 * HOUR, to_at=None, what="merit-nt"),
    ]


def test_incidents_of_ooni_count_when_they_speak_of_telegram_or_of_a_shutdown() -> None:
    def incident(title: str, *tests: str) -> dict[str, object]:
        return {"title": title, "start_time": "2031-03-03T12:00:00Z", "end_time": None, "CCs": ["IQ", "SY"],
                "test_names": list(tests)}  # fmt: skip

    found = read_outages(
        {
            "incidents": [
                incident("Exams", "telegram"),
                incident("Internet shutdown"),
                incident("A site", "web"),
            ]
        }
    )
    assert [(o.source, o.country, o.what) for o in found] == [
        ("OONI", "IQ", "Exams"),
        ("OONI", "SY", "Exams"),
        ("OONI", "IQ", "Internet shutdown"),
        ("OONI", "SY", "Internet shutdown"),
    ]
    assert all((o.from_at, o.to_at) == (NOON, None) for o in found)


def test_counts_of_ooni_make_a_day_on_which_telegram_mostly_failed_an_outage() -> None:
    def day(cc: str, n: int, failed: int) -> dict[str, object]:
        return {"probe_cc": cc, "measurement_start_day": "2031-03-03", "measurement_count": n,
                "anomaly_count": failed, "confirmed_count": 0}  # fmt: skip

    [found] = read_outages({"result": [day("IQ", 40, 30), day("IR", 40, 10), day("SY", 4, 4)]})
    assert (found.country, found.from_at, found.to_at) == ("IQ", NOON - 12 * HOUR, NOON + 12 * HOUR)
    assert found.what == "Telegram failed in 30 of 40 tests"


@pytest.mark.parametrize("document", [{}, {"error": "no"}, "text", 7, None, {"data": {"a": 1}}])
def test_a_document_of_neither_maker_is_refused(document: object) -> None:
    with pytest.raises(UnknownForm) as refused:
        read_outages(document)
    assert "IODA" in refused.value.hint


def test_one_sentence_is_told_for_each_maker_of_this_country_and_time() -> None:
    def outage(source: str, country: str, hour: int, until: int | None, what: str) -> Outage:
        end = None if until is None else NOON + until * HOUR
        return Outage(source=source, country=country, from_at=NOON + hour * HOUR, to_at=end, what=what)

    known = [
        outage("IODA", "IQ", 0, 4, "bgp"),
        outage("IODA", "IQ", 1, None, "ping-slash24"),
        outage("OONI", "IQ", 2, None, ""),
        outage("IODA", "IR", 0, None, "bgp"),
        outage("IODA", "IQ", -30, -20, "long over"),
    ]
    assert told_of(known, "IQ", NOON + HOUR, NOON + 3 * HOUR) == [
        "IODA reports an outage of IQ since 03 Mar 12:00 UTC (bgp, ping-slash24).",
        "OONI reports an outage of IQ since 03 Mar 14:00 UTC.",
    ]
    assert told_of(known, "IQ", NOON - 9 * HOUR, NOON - 8 * HOUR) == []


def test_what_was_left_open_is_not_taken_for_lasting_forever() -> None:
    left_open = Outage(source="IODA", country="IQ", from_at=NOON, to_at=None)
    assert left_open.meets(NOON + STALE, NOON + STALE + HOUR)
    assert not left_open.meets(NOON + STALE + 2 * HOUR, NOON + STALE + 3 * HOUR)


@pytest.mark.parametrize(
    "document",
    [
        {
            "data": [
                {"location": "country/IQ", "start": 1709294400, "duration": 3600, "datasource": "bgp"},
                [{"location": "country/IQ", "from": 1709294400, "until": 1709298000}],
            ]
        },
        {
            "data": [
                {"entity": {"type": "country", "code": "IQ"}, "time": 1709294400, "level": "critical"},
                {"entity": {"type": "country", "code": "IQ"}, "time": 1709298000, "level": "normal"},
            ]
        },
        {
            "incidents": [
                {
                    "start_time": "2024-03-01T12:00:00Z",
                    "end_time": "2024-03-02T12:00:00Z",
                    "title": "Telegram blocked",
                    "test_names": ["telegram"],
                    "CCs": ["IQ"],
                }
            ]
        },
        {
            "result": [
                {
                    "probe_cc": "IQ",
                    "measurement_start_day": "2024-03-01",
                    "measurement_count": 20,
                    "anomaly_count": 10,
                    "confirmed_count": 3,
                }
            ]
        },
    ],
)
def test_whatever_a_maker_says_can_be_held_against_any_time(document: dict[str, object]) -> None:
    """A feed may be broken, or somebody else's by now."""
    times = (253402300799, -62135596800, 1e300, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00")
    told = 0
    for each in odd(document, [*JUNK, *times]):
        try:
            outages = read_outages(each)
        except UnknownForm:
            continue
        for start in (FIRST, datetime(2024, 3, 1, 12, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)):
            told += len(told_of(outages, "IQ", start, start + HOUR))
    assert told > 5
