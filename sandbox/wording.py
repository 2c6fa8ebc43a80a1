"""Invented texts from templates: `{place}` takes one of the scenario's words of that name. Pure."""

import re
from random import Random

from sandbox.scenario import Scenario

_SLOT = re.compile(r"\{(\w+)\}")


class Writer:
    """Writes posts about a topic in a language."""

    def __init__(self, scenario: Scenario, random: Random) -> None:
        self._random = random
        self._words = scenario.words
        self._texts = {t.name: t.texts for t in scenario.topic}

    def write(self, topic: str, language: str) -> str:
        """One text. `{n}` is a small number; a slot without words stays as it is."""
        template = self._random.choice(self._texts[topic][language])
        return _SLOT.sub(lambda slot: self._fill(slot[1], language), template)

    def _fill(self, name: str, language: str) -> str:
        if name == "n":
            return str(self._random.randint(2, 40))
        choices = self._words.get(language, {}).get(name)
        return self._random.choice(choices) if choices else "{" + name + "}"
