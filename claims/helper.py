"""A process that reads texts beside the reader's own: `python -m claims.helper`.

claims/helpers.py speaks to it, over its standard input and output, which only the program that started it
holds. It ends with them, however that program ends.
"""

import os
import pickle
import signal
import sys
from typing import IO, Any

from claims.interpreter import Interpreter

#: By so much what it does may wait for everybody else on the machine.
_NICE = 5
#: Bytes before each message that say how long it is.
LENGTH = 8


def framed(said: object) -> bytes:
    """A message with its length before it."""
    body = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(LENGTH, "big") + body


def _heard(from_: IO[bytes]) -> Any:
    """The next message. Raises EOFError when there will be none."""
    length = from_.read(LENGTH)
    body = from_.read(int.from_bytes(length, "big"))
    if len(length) < LENGTH or len(body) < int.from_bytes(length, "big"):
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - nobody but the program that started this one can write here


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """First comes an interpreter, then words with what their channels mean; each list is answered with what
    was read in it, or with the error in words.
    """
    interpreter: Interpreter = _heard(asked)
    while True:
        try:
            words, usages = _heard(asked)
        except EOFError:
            return
        try:
            found: object = interpreter.read_each(words, usages)
        except Exception as error:  # who asked reads them himself, and meets it there
            found = repr(error)
        answers.write(framed(found))
        answers.flush()


def main() -> None:
    # A person's Ctrl-C reaches every process of the terminal; the one that asks ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray word must not pass for an answer
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
