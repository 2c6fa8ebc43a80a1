"""Rows of posts: a bad one is told of and stops no other."""

import json

import pytest

from claims.reading import BadRow, PostRow, rows

GOOD = {"id": "a", "posted": "2024-01-28T21:05:00+03:00", "text": "قصف"}


def test_good_rows_come_in_order_and_bad_ones_as_errors_with_their_line():
    lines = [json.dumps(GOOD), "", "{", json.dumps({**GOOD, "id": 2, "text": None, "channel": 77})]
    found = list(rows(lines))
    assert [type(x) for x in found] == [PostRow, BadRow, PostRow]
    assert isinstance(found[1], BadRow)
    assert (found[1].number, found[1].what[:8]) == (3, "line 3: ")
    assert isinstance(found[2], PostRow)
    assert (found[2].text, found[2].channel) == ("", "77")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "id is None"),
        ({"id": True}, "id is True"),
        ({"posted": "yesterday"}, "posted of post 'a' is 'yesterday'"),
        ({"posted": None}, "posted of post 'a' is None"),
        ({"posted": "2024-01-28T21:05:00"}, "no time zone"),
        ({"text": 5}, "text of post 'a' is int"),
        ({"lang": ["ar"]}, "lang of post 'a' is list"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(change: dict[str, object], told: str):
    (found,) = rows([json.dumps({**GOOD, **change})])
    assert isinstance(found, BadRow)
    assert told in found.what
    assert found.hint
