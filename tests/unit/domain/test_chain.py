"""The canonical form of a record is what any language's JSON makes of it, sorted and without white space."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chain import LinkKind, canonical, document

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by hypothesis's rule
PLAIN = WORDS | st.integers(-(2**63), 2**63) | st.booleans() | st.none()
DOCUMENTS = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=8)
RECORDS = st.dictionaries(
    WORDS.filter(lambda name: name != "link"), PLAIN | INSTANTS | st.binary(max_size=9) | DOCUMENTS
)


def as_json(value: object) -> object:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return value.hex() if isinstance(value, bytes) else value


@given(RECORDS, st.sampled_from(LinkKind))
def test_a_record_is_written_as_json_sorted_by_name(record: dict[str, object], kind: LinkKind) -> None:
    known = {name: as_json(value) for name, value in record.items() if value is not None}
    written = json.dumps(
        {**known, "link": kind.value}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert canonical(kind, record) == written.encode()


@given(RECORDS, st.sampled_from(LinkKind))
def test_a_document_that_was_written_before_is_written_alike(
    record: dict[str, object], kind: LinkKind
) -> None:
    before = {
        name: document(value) if isinstance(value, (list, dict)) else value for name, value in record.items()
    }
    assert canonical(kind, before) == canonical(kind, record)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        canonical(LinkKind.POST, {"views": number})
