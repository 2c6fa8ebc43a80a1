"""Theirs or ours?"""

from dataclasses import replace
from datetime import timedelta

from alerts.config import GroupRule
from alerts.judge import Evidence, Other, is_undecided, judge
from domain.channel import ChannelStatus
from domain.finding import Cause, Finding, Kind, Ruling
from domain.series import SeriesKey
from domain.watch import Seen
from tests.support.rhythms import HOUR, MONDAY

NOW = MONDAY + 12 * HOUR
SINCE = MONDAY + 2 * HOUR
FINDING = Finding(
    kind=Kind.SILENCE,
    series=SeriesKey(1),
    since_at=SINCE,
    found_at=NOW,
    observed=0,
    expected=12.0,
    probability=1e-5,
)


def evidence(**changes: object) -> Evidence:
    fields: dict[str, object] = {
        "name": "@falcon",
        "status": ChannelStatus.OPEN,
        "seen": Seen(((MONDAY, NOW),)),
    }
    return Evidence(**(fields | changes))  # type: ignore[arg-type]  # the fields of Evidence


def others(n: int, n_quiet: int, expected: float = 3.0, country: str | None = None) -> tuple[Other, ...]:
    return tuple(
        Other(channel_id=i, name=f"@other_{i}", quiet=i < n_quiet, expected=expected, country=country)
        for i in range(n)
    )


def test_what_nothing_explains_is_theirs() -> None:
    verdict = judge(FINDING, evidence(others=others(5, 1)), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.CONFIRMED, Cause.UNEXPLAINED)
    assert verdict.evidence[0] == (
        "We watched @falcon without a break from 03 Mar 02:00 UTC to 03 Mar 12:00 UTC (10 h)."
    )
    assert "4 of 5 other channels went on." in verdict.evidence


def test_a_hole_in_the_watch_is_ours_whatever_else_is_known() -> None:
    hole = Seen(((MONDAY, SINCE + HOUR), (SINCE + 2 * HOUR, NOW)))
    verdict = judge(FINDING, evidence(seen=hole, status=ChannelStatus.BANNED), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.BLIND, Cause.NOT_WATCHED)
    assert "03 Mar 03:00 UTC to 03 Mar 04:00 UTC" in verdict.evidence[0]


def test_a_watch_that_ended_before_now_is_a_hole() -> None:
    short = Seen(((MONDAY, NOW - timedelta(minutes=1)),))
    assert judge(FINDING, evidence(seen=short), NOW).ruling is Ruling.BLIND


def test_a_hole_before_the_silence_does_not_matter() -> None:
    assert judge(FINDING, evidence(seen=Seen(((SINCE, NOW),))), NOW).ruling is Ruling.CONFIRMED


def test_a_channel_that_is_gone_explains_its_silence() -> None:
    verdict = judge(FINDING, evidence(status=ChannelStatus.PRIVATE), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.EXPLAINED, Cause.CHANNEL_GONE)


def test_when_everyone_is_quiet_it_is_no_news_of_theirs() -> None:
    verdict = judge(FINDING, evidence(others=others(6, 6)), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.EXPLAINED, Cause.EVERYONE_QUIET)
    assert "6 of 6" in verdict.evidence[1]


def test_one_busy_channel_that_goes_on_speaks_against_everyone() -> None:
    assert judge(FINDING, evidence(others=others(6, 5)), NOW).cause is Cause.UNEXPLAINED


def test_a_single_other_or_ones_that_seldom_post_prove_nothing() -> None:
    assert judge(FINDING, evidence(others=others(1, 1, expected=50)), NOW).cause is Cause.UNEXPLAINED
    assert judge(FINDING, evidence(others=others(4, 4, expected=0.5)), NOW).cause is Cause.UNEXPLAINED


def test_siblings_that_are_quiet_too_make_it_the_networks() -> None:
    verdict = judge(FINDING, evidence(siblings=others(4, 2), others=others(3, 0)), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.CONFIRMED, Cause.NETWORK_QUIET)
    assert "3 of 5 channels of its group are quiet together" in verdict.evidence[1]


def test_too_few_siblings_do_not() -> None:
    assert judge(FINDING, evidence(siblings=others(4, 1)), NOW).cause is Cause.UNEXPLAINED
    assert judge(FINDING, evidence(siblings=others(9, 2)), NOW).cause is Cause.UNEXPLAINED
    strict = GroupRule(least=4)
    assert judge(FINDING, evidence(siblings=others(4, 2)), NOW, strict).cause is Cause.UNEXPLAINED


def test_a_country_is_cut_off_when_its_channels_are_quiet_and_those_elsewhere_are_not() -> None:
    inside, elsewhere = others(5, 5, country="IQ"), others(4, 0, country="LB")
    verdict = judge(FINDING, evidence(country="IQ", others=inside + elsewhere), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.EXPLAINED, Cause.COUNTRY_CUT)
    assert "6 of 6 channels made in IQ are quiet at once" in verdict.evidence[1]  # itself among them
    assert "4 of 4 channels made elsewhere went on" in verdict.evidence[2]
    abroad = judge(FINDING, evidence(country="LB", others=inside + elsewhere), NOW)
    assert abroad.cause is Cause.UNEXPLAINED


def test_a_single_other_channel_is_not_counted_as_if_it_were_many() -> None:
    def said(*them: Other, siblings: tuple[Other, ...] = (), country: str | None = None) -> list[str]:
        return list(judge(FINDING, evidence(country=country, others=them, siblings=siblings), NOW).evidence)

    assert "The only other channel went on." in said(*others(1, 0))
    assert "The only other channel is quiet too." in said(*others(1, 1))
    assert "The only other channel of its group went on." in said(siblings=others(1, 0))
    quiet = said(*others(3, 1, country="IQ"), country="IQ")
    assert "Of its country IQ, @other_0 is quiet as well." in quiet
    cut = said(*others(5, 5, country="IQ"), *others(1, 0, 9.0, country="LB"), country="IQ")
    assert "1 of 1" not in " ".join(cut)


def test_a_country_whose_other_channels_go_on_or_too_few_to_tell_is_not_cut_off() -> None:
    def cause(*them: Other, reported: tuple[str, ...] = ()) -> Cause:
        return judge(FINDING, evidence(country="IQ", others=them, reported=reported), NOW).cause

    elsewhere = others(4, 0, country="LB")
    assert cause(*others(5, 3, country="IQ"), *elsewhere) is Cause.UNEXPLAINED
    assert cause(*others(5, 5, 0.5, country="IQ"), *elsewhere) is Cause.UNEXPLAINED
    inside = others(5, 5, country="IQ")
    assert cause(*inside, *others(1, 0, country="LB")) is Cause.UNEXPLAINED
    assert cause(*inside, *others(1, 0, country="LB"), reported=("IODA reports it.",)) is Cause.COUNTRY_CUT


def test_one_group_of_a_country_and_one_huge_channel_do_not_speak_for_it() -> None:
    of_a_group = tuple(replace(o, group="net") for o in others(6, 6, country="IQ"))
    elsewhere = others(4, 0, country="LB")
    verdict = judge(FINDING, evidence(country="IQ", others=of_a_group + elsewhere), NOW)
    assert verdict.cause is Cause.UNEXPLAINED
    huge = Other(channel_id=90, name="@huge", quiet=True, expected=500.0, country="IQ")
    small = others(5, 0, country="IQ")
    verdict = judge(FINDING, evidence(country="IQ", others=(huge, *small, *elsewhere)), NOW)
    assert verdict.cause is Cause.UNEXPLAINED


def test_a_country_that_goes_on_speaks_against_everyone() -> None:
    everyone = others(40, 40, country="IQ")
    assert judge(FINDING, evidence(others=everyone), NOW).cause is Cause.EVERYONE_QUIET
    assert judge(FINDING, evidence(others=everyone + others(3, 0, country="LB")), NOW).cause is not (
        Cause.EVERYONE_QUIET
    )


def test_an_announcement_explains_a_silence_but_not_one_we_could_not_see() -> None:
    said = "@falcon announced it."
    verdict = judge(FINDING, evidence(announced=said, others=others(6, 6)), NOW)
    assert (verdict.ruling, verdict.cause) == (Ruling.EXPLAINED, Cause.ANNOUNCED)
    assert verdict.evidence[-1] == said
    assert judge(FINDING, evidence(announced=said, seen=Seen(())), NOW).ruling is Ruling.BLIND


def test_it_is_undecided_while_half_of_the_others_stay_away_and_not_when_they_go_on() -> None:
    assert is_undecided(evidence(others=others(4, 2)))
    assert is_undecided(evidence(country="IQ", others=others(4, 3, country="IQ") + others(9, 0)))
    assert not is_undecided(evidence(others=others(4, 1)))
    assert not is_undecided(evidence(others=others(4, 4, expected=0.1)))
    assert not is_undecided(evidence())
