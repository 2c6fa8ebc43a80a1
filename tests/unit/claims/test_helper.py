"""What a helper is asked and answers, as it goes over the line."""

import io
import pickle
from datetime import timedelta
from zoneinfo import ZoneInfo

from claims.finder import Finder
from claims.helper import LENGTH, framed, serve
from claims.interpreter import Interpreter, Usage, words_of
from claims.normalise import fold
from claims.surfaces import patterns
from tests.support.reading import DENIAL, DRONES, FOOTBALL, HARIR, a_post, reads

USAGES = {7: Usage(ZoneInfo("Asia/Tehran"), "kh")}
WORDS = [
    words_of(a_post(n, text)) for n, text in enumerate([DRONES, "", FOOTBALL, DENIAL, HARIR + " أمس"], 1)
]


def answers(*questions: object) -> list[object]:
    """What a helper says to these, until it is asked no more."""
    asked, said = io.BytesIO(b"".join(map(framed, questions))), io.BytesIO()
    serve(asked, said)
    said.seek(0)
    found = []
    while length := said.read(LENGTH):
        found.append(pickle.loads(said.read(int.from_bytes(length, "big"))))  # noqa: S301 - just written
    return found


def test_a_helper_reads_as_whoever_sent_it_reads() -> None:
    sender = Interpreter(reads({"river": ["نهر"]}, falcon=("Europe/Moscow", None)))
    night = [words_of(a_post(9, DRONES + " اليوم على ضفة نهر", at=WORDS[0].posted_at + timedelta(hours=11)))]
    first, second = answers(sender, (WORDS, USAGES), (night, {}))
    assert first == sender.read_each(WORDS, USAGES)
    assert second == sender.read_each(night, {})
    assert second[0].topics[0] == "river"


def test_what_it_cannot_read_it_says_in_words_and_reads_on() -> None:
    refused, found = answers(Interpreter(reads()), ([None], {}), (WORDS[:1], {}))
    assert refused == repr(AttributeError("'NoneType' object has no attribute 'channel_id'"))
    assert found == Interpreter(reads()).read_each(WORDS[:1], {})


def test_a_question_that_is_cut_off_is_the_last() -> None:
    asked = io.BytesIO((framed(Interpreter(reads())) + framed((WORDS, {})))[:-20])
    said = io.BytesIO()
    serve(asked, said)
    assert said.getvalue() == b""


def test_a_finder_that_was_sent_finds_the_same_in_the_same_order() -> None:
    text = [
        (pattern, word)
        for word in ("قصف", "قاعدة", "بقصف قاعدة", "drone", "نهر")
        for pattern in patterns(word)
    ]
    one = Finder([*text, *((pattern, what.upper()) for pattern, what in text)])
    other = pickle.loads(pickle.dumps(one))  # noqa: S301 - just written
    for said in ("قصف قاعدة بقصف قاعدة drone", "Drone drones وقصف والنهر", ""):
        assert other.find(fold(said)) == one.find(fold(said))
    assert one.find(fold("قصف قاعدة"))
