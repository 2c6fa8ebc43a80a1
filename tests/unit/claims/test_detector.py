"""The swift detector decides as langdetect does, text by text."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdetect import PROFILES_DIRECTORY, DetectorFactory, LangDetectException

from claims.detector import SwiftFactory

DATA = Path(__file__).parents[2] / "data/claims"
PRIORS: list[tuple[Mapping[str, float], float]] = [
    ({"en": 0.5, "tr": 0.3}, 0.1),
    ({"en": 0.35, "tr": 0.2}, 0.25),
    ({"ar": 0.5, "fa": 0.45, "ur": 0.05}, 0.0),
    ({"ru": 0.985, "bg": 0.015}, 0.0),
]


@cache
def factory(kind: type[DetectorFactory], codes: tuple[str, ...]) -> DetectorFactory:
    made = kind()
    if codes:
        home = Path(PROFILES_DIRECTORY)
        made.load_json_profile([(home / code).read_text(encoding="utf-8") for code in codes])
    else:
        made.load_profile(PROFILES_DIRECTORY)
    if isinstance(made, SwiftFactory):
        made.settle()
    return made


def asked(kind: type[DetectorFactory], text: str, prior: Mapping[str, float], rest: float) -> str:
    of = factory(kind, () if rest else tuple(sorted(prior)))
    detector = of.create()
    detector.seed = 0
    others = [code for code in of.langlist if code not in prior]
    detector.set_prior_map({code: rest / max(1, len(others)) for code in others} | dict(prior))
    detector.append(text)
    try:
        return str(detector.detect())
    except LangDetectException as error:
        return f"not told: {error}"


def same(text: str, prior: Mapping[str, float], rest: float) -> None:
    assert asked(SwiftFactory, text, prior, rest) == asked(DetectorFactory, text, prior, rest), text


@pytest.mark.parametrize("name", ["seen", "unseen", "fresh", "ordinary"])
def test_of_labelled_posts(name: str):
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        texts = [text for text in (json.loads(line).get("text") for line in lines) if text]
    for n, text in enumerate(texts[:: max(1, len(texts) // 60)]):
        same(text, *PRIORS[n % len(PRIORS)])


_WORDS = """
    the Iraqi RESISTANCE targeted base Erbil'de İHA saldırısı düzenlendi ce soir à Paris während ţară țară
    Việt người ng̀ười Взрывы на базе ще бъде المقاومة الإسلامية یک پایگاه ک حيفا 日本 語 한국 🚀 12
    https://example.org/a-b mail@example.org t.me/x - . _ ^
"""
WORDS = st.sampled_from(_WORDS.split())


@given(
    text=st.one_of(
        st.lists(WORDS, max_size=25).map(" ".join),
        st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=12).map("".join),
        st.lists(WORDS, max_size=12).map("  \n".join),
    ),
    prior=st.sampled_from(PRIORS),
)
@settings(max_examples=150, deadline=None)
def test_of_anything(text: str, prior: tuple[Mapping[str, float], float]):
    same(text, *prior)
