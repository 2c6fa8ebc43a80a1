"""Which language a text is in."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.language import Basis, language_of
from tests.support.shared import needs, shared

SORANI = Path(__file__).parents[2] / "data/claims/sorani.jsonl"
LINGUA = "data/language/lingua"


@pytest.mark.parametrize(
    ("text", "code", "basis"),
    [
        ("المقاومة الإسلامية تستهدف قاعدة حرير بطائرة مسيرة", "ar", Basis.LETTERS),
        ("حمله پهپادی به پایگاه آمریکا در شرق سوریه", "fa", Basis.LETTERS),
        ("تەقینەوەیەک لە نزیک کێڵگەی گازی کۆرمۆر ڕوویدا", "ckb", Basis.LETTERS),
        ("یہ خبر پاکستان میں آج صبح سامنے آئی ہے", "ur", Basis.LETTERS),
        ('כטב"ם ששוגר מעיראק יורט מעל אילת', "he", Basis.SCRIPT),
        ("Взрывы на американской базе в Сирии", "ru", Basis.LETTERS),
        ("Erbil Havalimanı yakınında patlama sesleri duyuldu", "tr", Basis.LETTERS),
        ("Explosions were heard at the garrison in the south of the country", "en", Basis.LETTERS),
    ],
)
def test_letters_decide_what_they_can(text: str, code: str, basis: Basis):
    assert language_of(text) == (code, basis)


@pytest.mark.parametrize(
    "text", ["", "🚨🚨", "12 + 7", "صابرين نيوز", "Breaking", "هام", "https://t.me/x/12", "Срочно"]
)
def test_too_little_is_unknown_and_no_guess(text: str):
    assert language_of(text).code is None


def test_an_answer_is_the_same_in_every_process_and_from_every_thread():
    texts = [
        "Kein Zweifel, das ist Deutsch hier",
        "Tout le monde parle d'autre chose",
        "زلزال يضرب شمال سوريا وتركيا",
    ]
    program = f"from claims.language import language_of\nprint([language_of(t).code for t in {texts!r}])"
    here = [language_of(text).code for text in texts]
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            env=env,
            check=True,
            cwd=Path(__file__).parents[3],
        )
        assert done.stdout.strip() == repr(here)
    with ThreadPoolExecutor(8) as pool:
        assert [x.code for x in pool.map(language_of, texts * 8)] == here * 8


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=120))
@settings(max_examples=150, deadline=None)
def test_any_text_has_a_language_or_none_without_an_error(text: str):
    language_of(text)


def test_sorani_is_known_however_it_is_typed():
    rows = [json.loads(line) for line in SORANI.read_text(encoding="utf-8").splitlines()]
    sorani = [row["text"] for row in rows if row["lang"] == "ckb"]
    without_its_letters = [text.translate(str.maketrans("یکەڕڵۆێ", "يكهرلوي")) for text in sorani]
    assert share(sorani, "ckb") >= 0.975
    assert share(without_its_letters, "ckb") >= 0.9
    others = [row for row in rows if row["lang"] in ("ar", "fa", "ur")]
    assert [row["text"] for row in others if language_of(row["text"]).code != row["lang"]] == []


def share(texts: Sequence[str], code: str) -> float:
    return sum(language_of(text).code == code for text in texts) / len(texts)


@needs(LINGUA, "the sentences")
def test_sentences_of_eight_languages_are_told_apart():
    rows = [json.loads(line) for line in SORANI.read_text(encoding="utf-8").splitlines()]
    texts = {"ckb": [row["text"] for row in rows if row["lang"] == "ckb"]}
    for code in ("ar", "fa", "ur", "he", "tr", "en", "ru"):
        path = shared(LINGUA) / f"sentences.{code}.txt"
        texts[code] = path.read_text(encoding="utf-8").splitlines()[:300]
    short = {code: [x for x in lines if 20 <= len(x) <= 80] for code, lines in texts.items()}
    assert sum(share(lines, code) for code, lines in texts.items()) / 8 >= 0.99
    assert sum(share(lines, code) for code, lines in short.items()) / 8 >= 0.975
