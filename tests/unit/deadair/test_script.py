"""Posts on a terminal: nothing in them steers it, and right-to-left text can be read."""

import pytest

from deadair.script import harmless, is_right_to_left, lines_of, marked, must_shape, shaped


def test_nothing_in_a_post_steers_the_terminal() -> None:
    evil = "a\x1b[2Jb\x07c\u202ed\u2066e\r\x9bf"
    safe = harmless(evil)
    assert len(safe) == len(evil)
    assert not {"\x1b", "\x07", "\u202e", "\u2066", "\r", "\x9b"} & set(safe)


def test_letters_are_joined_and_the_line_is_turned_round() -> None:
    assert shaped("باب") == "ﺏﺎﺑ"
    assert shaped("drone") == "drone"
    assert shaped("سلام 12").startswith("12")
    assert is_right_to_left("سلام drone، كيف الحال")
    assert not is_right_to_left("drone 12")


def test_lines_from_right_to_left_stand_at_the_right() -> None:
    (line,) = lines_of("سلام", 20, shape=True)
    assert len(line) == 20
    assert line.startswith(" ")
    assert lines_of("سلام", 20, shape=False) == ["سلام"]


@pytest.mark.parametrize(
    ("environment", "terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"VTE_VERSION": "7200"}, True, False),
        ({"VTE_VERSION": "5202"}, True, True),
        ({"VTE_VERSION": "none"}, True, True),
        ({"KONSOLE_VERSION": "230800"}, True, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, True, False),
    ],
)
def test_only_where_the_terminal_does_not_do_it(
    environment: dict[str, str], terminal: bool, expected: bool
) -> None:
    assert must_shape("auto", environment, terminal=terminal) is expected
    assert must_shape("on", environment, terminal=terminal) is True
    assert must_shape("off", environment, terminal=terminal) is False


def test_what_was_found_stands_in_brackets() -> None:
    assert marked("a drone came", [(2, 7)]) == "a [drone] came"
