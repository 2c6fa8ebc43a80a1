"""The mistakes in a config file, in words: which key, what stands there, what is allowed."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from deadair.secrets import may_be_secret

_SECRETS = {
    "token": "DEADAIR_BOT_TOKEN or [bot] token_file",
    "api_hash": "DEADAIR_API_HASH or [collector] api_hash_file",
    "password": "the environment",
}


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One sentence for each mistake, in the order of the file."""
    return [_sentence(each, model) for each in error.errors(include_url=False)]


def _sentence(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    place = [part for part in error["loc"] if not _is_branch(part)]
    key, value = _key(place), error["input"]
    if error["type"] == "extra_forbidden":
        name = str(place[-1])
        if name in _SECRETS:
            return f"{key}: a secret does not belong into this file; use {_SECRETS[name]}"
        near = get_close_matches(name, list(_known_keys(model, place[:-1])), n=1, cutoff=0.5)
        return f"{key}: no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    if error["type"] == "missing":
        return f"{key}: must be given"
    if error["type"] == "tuple_type" and isinstance(value, Mapping):
        return f"{key}: write [[{key}]], with two brackets, above each of them"
    if error["type"] == "model_type" and isinstance(value, list):
        return f"{key}: write [{key}], with one bracket; there is only one of it"
    said = str(error["msg"]).removeprefix("Value error, ")
    said = f"{said[:1].lower()}{said[1:]}"
    if isinstance(value, Mapping) or _is_secret(model, place):
        return f"{key}: {said}" if key else said
    return f"{key} = {_shown(value)}: {said}"


def _is_branch(part: object) -> bool:
    """Pydantic names the branch of a union in the place; a person's key has no such part."""
    return isinstance(part, str) and ("[" in part or part.startswith("function-"))


def _key(place: Iterable[object]) -> str:
    out = ""
    for part in place:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_secret(model: type[BaseModel], place: Sequence[object]) -> bool:
    """What stands there is not shown: it may hold a password."""
    names = [part for part in place if isinstance(part, str)]
    here = _section_at(model, names[:-1])
    return here is not None and may_be_secret(here, names[-1])


def _known_keys(model: type[BaseModel], place: Iterable[object]) -> Iterable[str]:
    """The keys that the section at `place` knows."""
    here = _section_at(model, place)
    return here.model_fields if here is not None else ()


def _section_at(model: type[BaseModel], place: Iterable[object]) -> type[BaseModel] | None:
    here: type[BaseModel] | None = model
    for part in place:
        if isinstance(part, int) or here is None:
            continue
        field = here.model_fields.get(str(part))
        if field is not None:
            here = _model_in(field.annotation)
    return here


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        if (found := _model_in(inner)) is not None:
            return found
    return None
