"""The catalogues of the languages hold every sentence, and nothing else."""

import re
from string import Formatter

import pytest

from bot.catalogues import Template, templates, written
from bot.say import ENGLISH, LANGUAGES, catalogue_of, path_of, say_in

FOREIGN = [language for language in LANGUAGES if language != "en"]
#: Templates that only join what is filled in: they may read alike in every language.
_WORDLESS = re.compile(r"(\{\w+\}|[^\w{}]|\s)*")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def forms(template: Template) -> tuple[str, ...]:
    return (template,) if isinstance(template, str) else template


def known(language: str) -> dict[Template, tuple[str, ...]]:
    catalogue = catalogue_of(language)
    assert catalogue is not None
    return {
        m.id if isinstance(m.id, str) else tuple(m.id): forms(
            m.string if isinstance(m.string, str) else tuple(m.string)
        )  # type: ignore[dict-item, arg-type]
        for m in catalogue
        if m.id
    }


def test_there_is_more_than_a_handful_to_say() -> None:
    assert len(templates()) > 300
    assert any(isinstance(template, tuple) for template in templates())


@pytest.mark.parametrize("language", FOREIGN)
def test_every_template_is_translated_and_no_entry_is_left_over(language: str) -> None:
    entries = known(language)
    assert set(entries) == set(templates()), "bring them up to date: python -m bot.catalogues"
    empty = [template for template, said in entries.items() if not all(said)]
    assert empty == []


@pytest.mark.parametrize("language", FOREIGN)
def test_no_translation_is_unsure_and_the_file_is_up_to_date(language: str) -> None:
    catalogue = catalogue_of(language)
    assert catalogue is not None
    assert [m.id for m in catalogue if m.fuzzy] == []
    assert list(catalogue.obsolete) == []
    assert path_of(language).read_bytes() == written(language), "run: python -m bot.catalogues"


@pytest.mark.parametrize("language", FOREIGN)
def test_every_translation_says_what_its_template_is_filled_with(language: str) -> None:
    """One thing and two need no number in languages that have a word for them."""
    wrong = []
    for template, said in known(language).items():
        wanted = set().union(*(fields(form) for form in forms(template)))
        for form in said:
            spare = {"n"} if isinstance(template, tuple) else set()
            if not (wanted - spare <= fields(form) <= wanted):
                wrong.append((template, form))
    assert wrong == []


@pytest.mark.parametrize("language", FOREIGN)
def test_a_translation_is_in_the_script_of_its_language(language: str) -> None:
    """No English is left, no letter of one slips into the other, and every digit is the right one."""
    not_mine = re.compile("[يكىة٠-٩]" if language == "fa" else "[یکگچپژ۰-۹]")
    wrong = []
    for template, said in known(language).items():
        for form in said:
            bare = re.sub(r"\{\w+\}", "", form)
            wordless = _WORDLESS.fullmatch(forms(template)[0]) or template == "config.toml"
            if not_mine.search(bare) or not (wordless or re.search("[\u0600-\u06ff]", bare)):
                wrong.append(form)
    assert wrong == []


@pytest.mark.parametrize("language", FOREIGN)
def test_the_language_has_all_its_plural_forms(language: str) -> None:
    catalogue = catalogue_of(language)
    assert catalogue is not None
    assert {len(said) for t, said in known(language).items() if isinstance(t, tuple)} == {
        catalogue.num_plurals
    }
    say = say_in(language)
    pair = next(t for t in templates() if isinstance(t, tuple) and t[0] == "{n} post")
    said = [say.many(pair, n) for n in (0, 1, 2, 3, 11, 100)]
    assert len(set(said)) == len(said)


def test_a_language_without_a_catalogue_is_english() -> None:
    assert say_in("tlh") is ENGLISH
    assert say_in("../../etc") is ENGLISH


def test_what_one_types_keeps_its_order_in_a_sentence_that_runs_the_other_way() -> None:
    for language in FOREIGN:
        for template in templates():
            if isinstance(template, str) and "/" in template and "\n" not in template:
                said = say_in(language).bare(template, **dict.fromkeys(fields(template), "x"))
                assert not re.search(r"(?<![\w/:\u2066])/(?=[a-z])", said), said
