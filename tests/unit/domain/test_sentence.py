"""Sentences that keep what they were made of."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sentence import Country, Sentence, joined, said_in, sentence_document, sentence_record

AT = datetime(2031, 3, 14, 4, 40, tzinfo=UTC)
WATCHED = "We watched {name} from {start} ({span})."


def test_it_reads_as_english_and_compares_as_text() -> None:
    said = Sentence(WATCHED, name="@a{b}", start=AT, span=timedelta(hours=5))
    assert said == "We watched @a{b} from 14 Mar 04:40 UTC (5 h)."
    assert said.startswith("We watched")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
def test_a_copy_keeps_what_it_was_made_of(again: object) -> None:
    said = Sentence(WATCHED, name="{braces}", start=AT, span=timedelta(hours=5))
    other = again(said)  # type: ignore[operator]
    assert (other, other.template, dict(other.values)) == (said, said.template, dict(said.values))


def test_it_is_kept_as_json_with_everything_that_fills_it() -> None:
    said = Sentence(
        "{a} {b} {c} {d} {e} {f} {g}",
        a="name", b=3, c=2.5, d=AT, e=timedelta(minutes=3), f=("x", "y"),
        g=Sentence("of {land}", land=Country("IQ")),
    )  # fmt: skip
    back = sentence_record(json.loads(json.dumps(sentence_document(said))))
    assert isinstance(back, Sentence)
    assert back == said == "name 3 2.5 14 Mar 04:40 UTC 3 min x, y of IQ"
    assert back.values == said.values
    inner = back.values["g"]
    assert isinstance(inner, Sentence)
    assert isinstance(inner.values["land"], Country)


@pytest.mark.parametrize("text", ["", "We watched it.", "{not} a template"])
def test_text_of_former_versions_stays_text(text: str) -> None:
    back = sentence_record(sentence_document(text))
    assert back == text
    assert not isinstance(back, Sentence)


@pytest.mark.parametrize(
    "document",
    [None, 7, {}, {"say": "{a}"}, {"say": "{a}", "with": {}}, {"say": "{a}", "with": {"a": {"at": "never"}}},
     {"say": "{", "with": {}}, {"say": "{0}", "with": {}}],
)  # fmt: skip
def test_what_cannot_be_read_is_shown_as_what_it_is(document: object) -> None:
    assert sentence_record(document) == str(document)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_name_survives(name: str, names: list[str]) -> None:
    said = Sentence("{name}: {names}", name=name, names=tuple(names))
    back = sentence_record(json.loads(json.dumps(sentence_document(said))))
    assert isinstance(back, Sentence)
    assert (back, back.values) == (said, said.values)


def test_several_make_one_and_text_alone_stays_text() -> None:
    one, other = Sentence("Since {at}.", at=AT), Sentence("{n} of them.", n=2)
    both = joined([one, "", other])
    assert both == "Since 14 Mar 04:40 UTC. 2 of them."
    assert isinstance(both, Sentence)
    assert [v.template for v in both.values.values() if isinstance(v, Sentence)] == [
        "Since {at}.",
        "{n} of them.",
    ]
    assert type(joined(["a", "b"])) is str


def test_instants_are_told_in_the_zone_of_whoever_reads_and_named_so() -> None:
    """Also those of a sentence within another; text of former versions stays what it was."""
    at = datetime(2031, 3, 14, 22, 40, tzinfo=UTC)
    said = joined([Sentence("Nothing since {since}.", since=at), Sentence("Asked by {name}.", name="@a")])
    assert said_in(said, ZoneInfo("Asia/Baghdad")) == "Nothing since 15 Mar 01:40 UTC+3. Asked by @a."
    assert said_in(said, ZoneInfo("Asia/Kolkata")).startswith("Nothing since 15 Mar 04:10 IST.")
    assert said_in(said, ZoneInfo("Asia/Tehran")).startswith("Nothing since 15 Mar 02:10 UTC+3:30.")
    assert said_in("at 22:40 UTC", ZoneInfo("Asia/Baghdad")) == "at 22:40 UTC"
    assert str(said) == "Nothing since 14 Mar 22:40 UTC. Asked by @a."
