"""TL objects with every required argument filled in.

Constructors gain required arguments from layer to layer; whatever is not given here gets a neutral value, so
that an upgrade of Telethon breaks nothing that the sandbox does not care about.
"""

import inspect
from functools import cache
from typing import Any, Final

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

_BY_ANNOTATION: Final[tuple[tuple[str, Any], ...]] = (
    ("Optional", lambda: None),
    ("Union[NoneType", lambda: None),
    ("List", list),
    ("TypePeerNotifySettings", T.PeerNotifySettings),
    ("TypePeerSettings", T.PeerSettings),
    ("TypePhoto", lambda: T.PhotoEmpty(id=0)),
    ("TypeChatPhoto", T.ChatPhotoEmpty),
    ("TypePeer", lambda: T.PeerUser(user_id=0)),
    ("TypeTextWithEntities", lambda: T.TextWithEntities(text="", entities=[])),
    ("TypePollResults", T.PollResults),
    ("bool", lambda: False),
    ("int", lambda: 0),
    ("float", lambda: 0.0),
    ("str", lambda: ""),
    ("bytes", lambda: b""),
)


@cache
def _required(constructor: Any) -> dict[str, Any]:
    """The arguments without a default, and what makes a neutral value of each."""
    out: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(constructor.__init__).parameters.items())[1:]:
        if parameter.default is not parameter.empty or parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            continue
        out[name] = next((v for text, v in _BY_ANNOTATION if text in _said(parameter.annotation)), _refuse)
    return out


def _said(annotation: Any) -> str:
    if isinstance(annotation, type):
        return annotation.__name__
    return str(annotation)


def _refuse() -> Any:
    raise TypeError("this argument has no neutral value: give it")


def make(constructor: Any, **given: Any) -> Any:
    """`constructor(**given)`, with neutral values for whatever else it requires."""
    for name, neutral in _required(constructor).items():
        if name not in given:
            given[name] = neutral()
    return constructor(**given)
