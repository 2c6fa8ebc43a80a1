"""What is found for its words alone is found for certain, and all of it where no phrase is sought."""

from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from storage.match import Both, Either, Match, Phrase, Sign, certain, uncertain

WORDS = st.sampled_from(["a", "b", "c", "ab"])
PLACES = st.lists(st.lists(WORDS, min_size=1, max_size=2).map(tuple), min_size=1, max_size=3).map(tuple)
LEAVES = st.one_of(
    st.builds(Phrase, PLACES, st.booleans()),
    st.lists(WORDS, min_size=1, max_size=2).map(lambda signs: Sign(tuple(signs))),
)
MATCHES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda given: Either(tuple(given))),
        st.builds(
            Both,
            st.lists(parts, max_size=3).map(tuple),
            st.lists(parts, max_size=2).map(tuple),
        ),
    ),
    max_leaves=8,
)
POSTS = st.lists(WORDS, max_size=6)


def finds(match: Match, post: list[str]) -> bool:
    match match:
        case Phrase(places=places, prefix=prefix):
            return any(
                all(
                    post[n + k] in place
                    or (prefix and k == len(places) - 1 and post[n + k].startswith(place))
                    for k, place in enumerate(places)
                )
                for n in range(len(post) - len(places) + 1)
            )
        case Sign(any_of=signs):
            return any(sign in post for sign in signs)
        case Either(parts=parts):
            return any(finds(part, post) for part in parts)
        case Both(parts=parts, without=without):
            return all(finds(part, post) for part in parts) and not any(finds(p, post) for p in without)


def asks_for_a_phrase(match: Match) -> bool:
    match match:
        case Phrase(places=places):
            return len(places) > 1
        case Sign():
            return False
        case Either(parts=parts):
            return any(map(asks_for_a_phrase, parts))
        case Both(parts=parts, without=without):
            return any(map(asks_for_a_phrase, (*parts, *without)))


@given(MATCHES, POSTS)
def test_what_is_certain_is_found_and_asks_for_no_phrase(match: Match, post: list[str]) -> None:
    sure = certain(match)
    if sure is None:
        assert asks_for_a_phrase(match)
        return
    assert not asks_for_a_phrase(sure)
    assert finds(match, post) or not finds(sure, post)
    assert asks_for_a_phrase(match) or finds(sure, post) == finds(match, post)


def test_a_word_that_may_also_stand_in_two_parts_is_certain_where_it_stands_in_one() -> None:
    parts, whole = Phrase((("می",), ("شود",))), Phrase((("میشود",),))
    assert certain(Both((Either((parts, whole)),))) == Both((Either((whole,)),))
    assert certain(parts) is None
    assert certain(Both((whole,), (parts,))) == Both(
        (whole,), (Both((Phrase((("می",),)), Phrase((("شود",),))), ()),)
    )


#: Every post of up to three of the words: drawn at random, hardly one has just the phrase that is sought.
SHORT = [list(each) for n in range(4) for each in product(["a", "b", "c", "ab"], repeat=n)]


@settings(max_examples=300)  # few of them ask for a phrase and for something certain
@given(MATCHES)
def test_the_rest_is_what_is_not_found_for_certain(match: Match) -> None:
    sure = certain(match)
    assume(sure is not None and sure != match)
    assert sure is not None
    rest = uncertain(match)
    for post in SHORT:
        assert finds(match, post) == (finds(sure, post) or finds(rest, post)), post


def test_the_rest_of_a_word_that_may_also_stand_in_two_parts_is_the_two_parts() -> None:
    parts, whole = Phrase((("می",), ("شود",))), Phrase((("میشود",),))
    asked = Both((Either((parts, whole)), Sign(("=c7",))))
    assert uncertain(asked) == Both((parts, Sign(("=c7",))))
