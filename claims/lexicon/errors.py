"""What can be wrong with a lexicon."""

from domain.errors import DeadairError


class LexiconError(DeadairError):
    """A file of the lexicon cannot be used: says which file, which entry, and what is wrong with it."""

    def __init__(self, file: str, entry: str, what: str, *, hint: str = "") -> None:
        place = f"{file}, {entry}" if entry else file
        super().__init__(f"{place}: {what}", hint=hint)
        self.file = file
        self.entry = entry
