"""What an edit does to the claims of a post."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from claims.lexicon.load import load
from claims.pairing import best_pairs
from claims.reading import read_post
from claims.revising import Revised, Standing, revise
from domain.claim import Casualties, Claim, ClaimKind, Span

AT = datetime(2024, 3, 4, 12, tzinfo=UTC)
TANF = Claim(kind=ClaimKind.RESPONSIBILITY, claimant="iri", target="us", location="tanf", weapons=("drone",))
HARIR = replace(TANF, location="harir", country="IQ")
DENIAL = Claim(kind=ClaimKind.DENIAL, claimant="iri")


def standing(*claims: Claim, version: int = 1) -> list[Standing]:
    return [Standing(number=n, version=version, claim=claim) for n, claim in enumerate(claims, 1)]


def read(text: str) -> tuple[Claim, ...]:
    return read_post(load(), text, posted=AT).claims


def test_the_same_claims_in_another_order_stand_unchanged():
    assert revise(standing(TANF, HARIR), [HARIR, TANF]) == Revised(unchanged=(1, 2))


def test_words_that_only_moved_make_no_new_version():
    text = "المقاومة الإسلامية في العراق استهدفت قاعدة التنف بطائرتين مسيرتين"
    before, after = read(text), read("عاجل 🔴\n\n" + text)
    assert before != after, "the evidence lies elsewhere"
    assert revise(standing(*before), after) == Revised(unchanged=(1,))


def test_a_corrected_value_makes_a_new_version_under_the_same_number():
    after = replace(TANF, casualties=Casualties(killed=2), date=date(2024, 3, 3))
    found = revise(standing(TANF, HARIR, version=3), [after, HARIR])
    assert found == Revised(unchanged=(2,), changed=(Standing(number=1, version=4, claim=after),))


def test_a_corrected_place_is_a_new_version_and_no_other_claim():
    found = revise(standing(TANF), [HARIR])
    assert found == Revised(changed=(Standing(number=1, version=2, claim=HARIR),))


def test_a_claim_put_in_front_is_new_and_renumbers_nothing():
    found = revise(standing(TANF), [HARIR, TANF])
    assert found == Revised(unchanged=(1,), new=(Standing(number=2, version=1, claim=HARIR),))


def test_a_claim_that_is_told_no_more_is_gone_and_its_number_is_never_given_again():
    gone = revise(standing(TANF, HARIR), [TANF])
    assert gone == Revised(unchanged=(1,), gone=(2,))
    back = revise(standing(TANF), [TANF, HARIR], last_number=2)
    assert back == Revised(unchanged=(1,), new=(Standing(number=3, version=1, claim=HARIR),))


def test_a_claim_edited_into_a_denial_is_gone_and_the_denial_is_new():
    found = revise(standing(TANF), [DENIAL])
    assert found == Revised(gone=(1,), new=(Standing(number=2, version=1, claim=DENIAL),))


def test_a_post_that_was_rewritten_about_something_else_keeps_no_number():
    other = Claim(kind=ClaimKind.RESPONSIBILITY, claimant="houthis", target="israel", location="eilat")
    found = revise(standing(TANF), [other])
    assert (found.gone, [s.number for s in found.new]) == ((1,), [2])


def test_a_report_that_gets_its_claimant_stays_the_same_claim():
    report = replace(TANF, kind=ClaimKind.ATTACK_REPORT, claimant=None)
    assert [s.number for s in revise(standing(report), [TANF]).changed] == [1]


def test_the_first_claims_and_the_last_are_all_new_or_all_gone():
    assert [s.number for s in revise([], [TANF, HARIR]).new] == [1, 2]
    assert revise(standing(TANF, HARIR), []).gone == (1, 2)


def test_the_pairing_that_is_best_for_all_is_taken_and_not_the_first_good_one():
    drones = replace(TANF, weapons=("drone",), casualties=Casualties(killed=1))
    rockets = replace(TANF, weapons=("rocket",), location=None)
    now_rockets = replace(rockets, location="tanf")
    now_drones = replace(drones, casualties=Casualties(killed=2))
    found = revise(standing(drones, rockets), [now_rockets, now_drones])
    assert {s.number: s.claim for s in found.changed} == {1: now_drones, 2: now_rockets}


_claims = st.lists(
    st.builds(
        Claim,
        kind=st.sampled_from([ClaimKind.RESPONSIBILITY, ClaimKind.CASUALTY, ClaimKind.DENIAL]),
        claimant=st.sampled_from([None, "iri", "kh"]),
        location=st.sampled_from([None, "tanf", "harir"]),
        weapons=st.sampled_from([(), ("drone",)]),
        evidence=st.sampled_from([(), (Span(field="kind", start=0, end=3, rule="x"),)]),
    ),
    max_size=6,
)


@given(_claims, _claims)
def test_every_claim_before_and_after_is_accounted_for_once(before: list[Claim], after: list[Claim]):
    found = revise(standing(*before), after)
    changed = [s.number for s in found.changed]
    assert sorted([*found.unchanged, *changed, *found.gone]) == list(range(1, len(before) + 1))
    assert len(found.unchanged) + len(changed) + len(found.new) == len(after)
    assert not {s.number for s in found.new} & set(range(1, len(before) + 1))
    assert revise(standing(*before), before).unchanged == tuple(range(1, len(before) + 1))


@given(st.integers(0, 5), st.integers(0, 5), st.data())
def test_no_other_pairing_is_worth_more(rows: int, columns: int, data: st.DataObject):
    row = st.lists(st.integers(0, 9).map(float), min_size=columns, max_size=columns)
    worth = data.draw(st.lists(row, min_size=rows, max_size=rows))
    pairs = best_pairs(worth)
    assert all(worth[r][c] > 0 for r, c in pairs)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
    few, many = sorted((rows, columns))
    flat = worth if rows <= columns else [list(c) for c in zip(*worth, strict=True)]
    best = max(
        (sum(flat[r][c] for r, c in enumerate(p)) for p in permutations(range(many), few)) if few else [0.0]
    )
    assert sum(worth[r][c] for r, c in pairs) == best
