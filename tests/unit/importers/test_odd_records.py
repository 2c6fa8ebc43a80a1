"""Whatever stands in a record where something else should: it is a post, or told as bad, and no error."""

from pathlib import Path

import pytest

from archive.tokens import Document
from collector.importers.read import read_records
from collector.importers.record import Bad
from domain.links import links_of
from storage.chain import post_entry
from storage.documents import post_record, post_row
from tests.support.odd_files import GOOD, odd_file


@pytest.mark.parametrize("form", GOOD)
def test_a_record_with_something_odd_in_it_is_a_post_or_bad(tmp_path: Path, form: str) -> None:
    path, n = odd_file(form, tmp_path / "odd.json")
    found = list(read_records(path))
    assert len(found) == n
    bad = [each for each in found if isinstance(each, Bad)]
    assert [each.reason for each in bad if "could not be understood" in each.reason] == []
    for each in found:
        if isinstance(each, Bad):
            continue
        assert str(each.origin).encode()  # it is said in a terminal
        assert Document(each.post, named=1).tokens
        row = post_row(each.post)
        assert post_entry(row, None).record
        assert all(isinstance(link, str) for link in links_of(each.post))
        assert post_record({**row, "removed_at": None}) == each.post
