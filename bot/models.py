"""aiogram with its models built when they are first used: of 400 the bot needs some forty.

Built all at once, as aiogram does when it is imported, they take three seconds and 110 MB. Import this module
before aiogram; where aiogram is loaded already, or another version builds its models otherwise, nothing is
different but the memory.
"""

import sys
from typing import Any

from pydantic import BaseModel

_names: dict[str, Any] = {}  #: what the models' annotations speak of
_rebuild: Any = BaseModel.__dict__["model_rebuild"].__func__


def _put_off(cls: type[BaseModel], /, *, _types_namespace: dict[str, Any] | None = None, **how: Any) -> Any:
    """While aiogram is imported: only note by which names its models are to be built."""
    if not cls.__module__.startswith("aiogram."):
        return _rebuild(cls, _types_namespace=_types_namespace, **how)
    _names.update(_types_namespace or {})
    return None


def _by_name(
    cls: type[BaseModel], /, *, _types_namespace: dict[str, Any] | None = None, **how: Any
) -> bool | None:
    """Afterwards: what pydantic asks for when a model is first used."""
    how.pop("_parent_namespace_depth", None)
    built: bool | None = _rebuild(cls, _types_namespace={**_names, **(_types_namespace or {})}, **how)
    return built


def _load() -> None:
    root: Any = BaseModel
    root.model_rebuild = classmethod(_put_off)
    root.model_config["defer_build"] = True
    try:
        from aiogram.methods import Response, TelegramMethod
        from aiogram.types.base import TelegramObject
    finally:
        root.model_rebuild = classmethod(_rebuild)
        del root.model_config["defer_build"]
    kinds: tuple[Any, ...] = (TelegramObject, TelegramMethod, Response)
    for kind in kinds:
        kind.model_rebuild = classmethod(_by_name)


if "aiogram" not in sys.modules:
    _load()
