"""Raw copies are packed, and come out as they went in."""

import random
import zlib

import pytest

from domain.post import PostKey, RawCopy
from storage.raws import kept_record, raw_row

_WORDS = ["المقاومة", "الإسلامية", "تستهدف", "قاعدة", "بطائرات", "مسيرة", "drone", "base", "struck", "dawn"]
_LENGTHS = (0, 1, 79, 80, 249, 250, 251, 512, 762, 1024, 3834, 4096, 4097, 40_000)


def copy_of(length: int) -> RawCopy:
    dice = random.Random(length)
    words = " ".join(dice.choice(_WORDS) for _ in range(length // 3 + 1))
    return RawCopy(200, words.encode()[:length])


@pytest.mark.parametrize("length", _LENGTHS)
def test_a_copy_of_any_length_comes_out_as_it_went_in(length: int) -> None:
    copy = copy_of(length)
    assert kept_record(raw_row(PostKey(1, 2), 0, copy)).copy == copy


@pytest.mark.parametrize("length", _LENGTHS[3:])
def test_a_small_copy_takes_no_more_room_for_being_packed_quickly(length: int) -> None:
    copy = copy_of(length)
    body = raw_row(PostKey(1, 2), 0, copy)["body"]
    assert len(body) <= min(len(copy.data), len(zlib.compress(copy.data, 6, -15))) + length // 500


def test_what_does_not_get_smaller_is_kept_as_it_is() -> None:
    noise = RawCopy(200, random.Random(7).randbytes(400))
    row = raw_row(PostKey(1, 2), 0, noise)
    assert row["body"] == noise.data
    assert kept_record(row).copy == noise
