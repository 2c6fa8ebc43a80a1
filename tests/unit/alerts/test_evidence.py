"""What evidence is said in: so that translations know every sentence."""

import ast
from pathlib import Path

from alerts import evidence

ALERTS = Path(evidence.__file__).parent


def test_every_sentence_is_made_by_a_template_of_the_one_list() -> None:
    """`Sentence("...")` with words of its own would stay English for everybody."""
    own = [
        f"{path.name}:{node.lineno}"
        for path in sorted(ALERTS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Sentence"
        and (not node.args or isinstance(node.args[0], ast.Constant | ast.JoinedStr))
    ]
    assert own == []


def test_no_evidence_is_put_together_from_words_outside_of_the_list() -> None:
    """Verdicts are made with sentences: an f-string there could not be said in another language."""
    own = [
        f"{path.name}:{node.lineno}"
        for path in sorted(ALERTS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "Verdict"
        and any(
            isinstance(arg, ast.JoinedStr) or (isinstance(arg, ast.Constant) and isinstance(arg.value, str))
            for arg in node.args[1:]
        )
    ]
    assert own == []
