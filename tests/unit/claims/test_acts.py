"""Acts: what claims told one after another join, in any order, at a cost that no archive makes grow."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from claims.act import Act, Case
from claims.lexicon.load import load
from claims.matching import HORIZON, Acts, Told, match
from domain.claim import Claim, ClaimKind, DateSource, Span

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
PLACES = load().places


def claim(**slots: object) -> Claim:
    values: dict[str, object] = {
        "kind": ClaimKind.RESPONSIBILITY, "claimant": "iri", "target": "us", "target_type": "military_base",
        "location": "tanf", "country": "SY", "weapons": ("drone",),
    }  # fmt: skip
    return Claim(**{**values, **slots})  # type: ignore[arg-type] - slots by name, checked by Claim


def told(post: object, hours: float = 0.0, *, number: int = 1, text: str = "", **more: object) -> Told:
    about = {k: more.pop(k) for k in ("origin", "forwarded") if k in more}
    at = NOON + timedelta(hours=hours)
    made = claim(**{"date": at.date(), **more})
    return Told(post=post, number=number, posted_at=at, claim=made, text=text, **about)  # type: ignore[arg-type]


def test_what_came_later_and_was_told_first_is_joined_by_what_was_before_it():
    acts = Acts(PLACES)
    later = acts.tell(told("later", 5))
    assert later.opened
    earlier = acts.tell(told("earlier", 0))
    assert (earlier.number, earlier.opened) == (later.number, False)
    assert acts.tell(told("long before", -9)).opened


def test_news_found_later_is_that_of_which_the_pictures_are_known():
    acts = Acts(PLACES)
    pictures = acts.tell(told("pictures", 96, repeat=True))
    assert acts.tell(told("news", 0)).number == pictures.number
    assert acts.tell(told("another", 150)).number != pictures.number


def test_news_after_pictures_is_of_something_else_unless_it_comes_at_once():
    acts = Acts(PLACES)
    pictures = acts.tell(told("pictures", 0, repeat=True))
    assert acts.tell(told("hours later", 5)).number != pictures.number
    assert acts.tell(told("at once", 1, claimant=None)).number == pictures.number


def test_casualties_learned_days_later_join_and_later_ones_do_not():
    acts = Acts(PLACES)
    first = acts.tell(told("news")).number
    update = {"kind": ClaimKind.CASUALTY, "claimant": None}
    assert acts.tell(told("wounded", 40, **update)).number == first
    dated = {"date": date(2024, 3, 4), "date_source": DateSource.RELATIVE}
    assert acts.tell(told("those of yesterday", 20, **update, **dated)).number == first
    assert acts.tell(told("more of them", 60, **update)).number == first
    assert acts.tell(told("a week later", 24 * 7, **update)).number != first


def test_the_same_words_a_week_later_are_a_new_act_and_a_forward_of_them_is_not():
    text = "المقاومة الإسلامية استهدفت قاعدة التنف بطائرتين"
    spot = (Span(field="location", start=text.index("قاعدة"), end=len(text), rule="x"),)
    acts = Acts(PLACES)
    first = acts.tell(told("first", text=text, evidence=spot)).number
    again = acts.tell(told("again", 24 * 7, text=text, evidence=spot))
    assert again.opened
    named = told("named", 24 * 7 + 1, text=text, evidence=spot, origin="first", forwarded=True)
    assert acts.tell(named).number == first
    much_later = told("much later", 24 * 40, text=text, evidence=spot, origin="first", forwarded=True)
    assert acts.tell(much_later).number == first
    unnamed = told("unnamed", 24 * 9, text=text, evidence=spot, forwarded=True)
    assert acts.tell(unnamed).number in (first, again.number)


def test_again_opens_an_act_that_others_who_say_again_join():
    acts = Acts(PLACES)
    first = acts.tell(told("first")).number
    second = acts.tell(told("second", 4, again=True))
    assert second.opened
    assert acts.tell(told("copy of the second", 6, again=True)).number == second.number
    assert acts.tell(told("translation of the second", 4.5, claimant=None)).number == second.number
    assert acts.tell(told("late copy of the first", 0.3)).number == first


def test_a_date_in_the_text_brings_a_late_claim_to_its_act_and_keeps_it_from_another():
    acts = Acts(PLACES)
    report = acts.tell(told("report", claimant=None, kind=ClaimKind.ATTACK_REPORT)).number
    dated = {"date": date(2024, 3, 4), "date_source": DateSource.NUMERIC}
    assert acts.tell(told("claimed the day after", 20, **dated)).number == report
    assert acts.tell(told("claimed two days after", 50, **dated)).number == report
    undated = acts.tell(told("news two days after", 51))
    assert undated.opened
    dated["date"] = date(2024, 3, 2)
    assert acts.tell(told("of two days before", 1, **dated)).opened


def test_tallies_join_the_same_tally_only():
    tally = {
        "kind": ClaimKind.TALLY, "location": None, "weapons": (), "target_type": None, "n_operations": 23,
    }  # fmt: skip
    acts = Acts(PLACES)
    single = acts.tell(told("single")).number
    first = acts.tell(told("tally", 1, **tally))
    assert first.number != single
    assert acts.tell(told("the same tally", 2, **tally)).number == first.number
    assert acts.tell(told("one more", 3, **{**tally, "n_operations": 24})).opened
    assert acts.tell(told("the next day", 26, **tally)).opened
    assert acts.tell(told("another single", 2)).number == single


def test_two_claims_of_one_post_are_two_acts_and_each_finds_its_own():
    acts = Acts(PLACES)
    tower, tanf = (acts.tell(told(p, location=p, claimant=None)).number for p in ("tower22", "tanf"))
    # Rukban lies near both; the other two of the post are told by name.
    three = [told("three", 1, number=n, location=p) for n, p in enumerate(("rukban", "tanf", "tower22"), 1)]
    joined = acts.tell_post(three)
    assert [j.number for j in joined[1:]] == [tanf, tower]
    assert joined[0].opened


def test_a_claim_told_twice_keeps_its_act_and_an_edit_leaves_it_when_others_contradict():
    acts = Acts(PLACES)
    first = acts.tell(told("a")).number
    assert acts.tell(told("a")).number == first
    assert acts.tell(told("a", weapons=("rocket",))).number == first, "nobody else tells of it"
    assert acts.tell(told("b", 1, weapons=("rocket",))).number == first, "the earlier version parts nobody"
    moved = acts.tell(told("b", 1, location="harir", country="IQ"))
    assert moved.opened
    assert acts.tell(told("c", 2, location="harir", country="IQ", claimant=None)).number == moved.number


def test_known_numbers_are_kept_and_new_ones_begin_behind_them():
    acts = Acts(PLACES, free=100)
    acts.known(told("a"), 7)
    acts.known(told("b", location="harir", country="IQ"), 250)
    assert acts.tell(told("c", 1)).number == 7
    assert acts.tell(told("d", location="ain_al_asad", country="IQ")).number == 251


def test_two_claimants_of_one_attack_are_two_acts_and_reports_join_the_nearer():
    acts = Acts(PLACES)
    one = acts.tell(told("one")).number
    other = acts.tell(told("other", 1, claimant="kh")).number
    assert other != one
    assert acts.tell(told("report", 1.2, claimant=None)).number == other
    assert acts.tell(told("a relay of the first", 1.3)).number == one


def test_the_words_of_a_facade_stand_for_the_side_that_they_name():
    acts = Acts(PLACES)
    first = acts.tell(told("a", claimant="irgc", target="coalition"))
    assert acts.tell(told("b", 1, claimant="iran", target="us")).number == first.number
    assert acts.tell(told("c", 1, claimant="unknown_group")).number == first.number
    assert acts.tell(told("d", 1, claimant=None, weapons=("unspecified",))).number == first.number


# Properties

_slots = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from([ClaimKind.RESPONSIBILITY, ClaimKind.ATTACK_REPORT, ClaimKind.CASUALTY]),
        "claimant": st.sampled_from([None, "iri", "kh", "unknown_group"]),
        "location": st.sampled_from([None, "tanf", "rukban", "tower22", "syria", "harir", "golan"]),
        "country": st.sampled_from([None, "SY", "IQ"]),
        "weapons": st.sampled_from([(), ("drone",), ("rocket",), ("drone", "rocket")]),
        "target_type": st.sampled_from([None, "military_base", "convoy"]),
        "repeat": st.booleans(),
        "again": st.booleans(),
        "date_source": st.sampled_from([DateSource.POSTED, DateSource.NUMERIC]),
    },
)
_told = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 3), st.integers(0, 24 * 14), _slots), min_size=1, max_size=25
)


def _make(rows: list[tuple[int, int, int, dict[str, object]]]) -> list[Told]:
    found = {}
    hours: dict[int, int] = {}
    for post, number, hour, slots in rows:
        at = hours.setdefault(post, hour)
        found[post, number] = told(post, at, number=number, **slots)
    return list(found.values())


class Scanning(Acts):
    """Compares with every act there is."""

    def _candidates(self, case: Case) -> Iterator[Act]:
        return iter(self._acts.values())


@given(_told, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_looking_up_finds_what_a_scan_would_find_in_whatever_order(
    rows: list[tuple[int, int, int, dict[str, object]]], rnd: random.Random
):
    claims = _make(rows)
    rnd.shuffle(claims)
    acts, scanning = Acts(PLACES), Scanning(PLACES)
    numbers = [(acts.tell(one).number, scanning.tell(one).number) for one in claims]
    assert [a for a, _ in numbers] == [b for _, b in numbers]
    of_act: dict[int, dict[object, set[int]]] = defaultdict(lambda: defaultdict(set))
    for one, (number, _) in zip(claims, numbers, strict=True):
        of_act[number][one.post].add(one.number)
    assert all(len(n) == 1 for posts in of_act.values() for n in posts.values()), "two acts of one post"
    assert [acts.tell(one).number for one in claims] == [a for a, _ in numbers], "a number once given stays"


@given(_told, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_claims_matched_together_do_not_depend_on_their_order(
    rows: list[tuple[int, int, int, dict[str, object]]], rnd: random.Random
):
    claims = _make(rows)
    mixed = claims[:]
    rnd.shuffle(mixed)
    assert match(claims, PLACES) == match(mixed, PLACES)


@given(_told, st.integers(0, 24 * 14))
@settings(max_examples=100, deadline=None)
def test_what_is_forgotten_is_as_if_it_had_never_been_known(
    rows: list[tuple[int, int, int, dict[str, object]]], hour: int
):
    claims = sorted(_make(rows), key=lambda t: (t.posted_at, str(t.key)))
    acts = Acts(PLACES)
    numbers = {one.key: acts.tell(one).number for one in claims}
    before = NOON + timedelta(hours=hour)
    acts.forget(before)
    last = {numbers[one.key]: one.posted_at for one in claims}
    fresh = Acts(PLACES, free=max(numbers.values()) + 1)
    for one in claims:
        if last[numbers[one.key]] >= before:
            fresh.known(one, numbers[one.key])
    new = told("new", hour + 1)
    assert acts.tell(new) == fresh.tell(new)


# Cost, in comparisons: what a clock says differs from machine to machine


def _history(days: int, rnd: random.Random) -> Iterator[Told]:
    places = [p.id for p in PLACES.values() if p.country in ("IQ", "SY", "IL") and p.kind != "country"]
    number = 0
    for hour in range(24 * days):
        for _ in range(3):
            number += 1
            yield told(
                number,
                hour,
                location=rnd.choice(places),
                country=None,
                claimant=rnd.choice(["iri", "hezbollah", "kh", None]),
                target=None,
                weapons=rnd.choice([("drone",), ("rocket",), ()]),
            )


def test_a_claim_costs_no_more_in_a_long_archive_than_in_a_short_one():
    def cost(days: int) -> float:
        acts = Acts(PLACES)
        claims = list(_history(days, random.Random(5)))
        for one in claims:
            acts.tell(one)
        return acts.compared / len(claims)

    assert cost(200) < 1.2 * cost(20)


def test_a_claim_costs_no_more_however_often_its_act_was_relayed():
    acts = Acts(PLACES)
    for n in range(2000):
        acts.tell(told(n, n / 1000))
    assert acts.compared <= 2000


def test_old_acts_found_late_cost_no_more_either():
    acts = Acts(PLACES)
    claims = list(_history(100, random.Random(5)))
    for one in reversed(claims):
        acts.tell(one)
    backwards = acts.compared / len(claims)
    acts = Acts(PLACES)
    for one in claims:
        acts.tell(one)
    assert backwards < 4 * acts.compared / len(claims)


def test_no_two_claims_further_apart_than_the_horizon_are_of_one_act():
    acts = Acts(PLACES)
    first = acts.tell(told("first")).number
    beyond = told("beyond", HORIZON / timedelta(hours=1) + 1, repeat=True)
    assert acts.tell(beyond).number != first
