"""What the outside sees of a channel that is silent for us, and what that makes of a verdict. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.finding import Cause, Verdict
from domain.testimony import Outside, Testimony

_NAMED = 5
_SAME = timedelta(seconds=1)


def about(testimony: Testimony | None, since_at: datetime) -> Testimony | None:
    """The testimony, if it is about the silence that began at `since_at`."""
    if testimony is None or abs(testimony.since_at - since_at) > _SAME:
        return None
    return testimony


def weighed(verdict: Verdict, name: str, testimony: Testimony | None) -> Verdict:
    """The verdict once the outside was heard: whatever our records say, posts that others can see and we
    cannot are proof that it is we who are blind.
    """
    if testimony is None or testimony.says is None:
        return verdict
    at = f"{testimony.answered_at or testimony.asked_at:%d %b %H:%M} UTC"
    match testimony.says:
        case Outside.MORE:
            return Verdict.blind(Cause.NOT_WATCHED, shown(name, testimony))
        case Outside.NO_MORE:
            said = f"The public preview, asked at {at}, shows no newer post of {name} either."
        case Outside.NOT_SHOWN:
            said = f"The public preview shows no posts of {name} to anybody: {testimony.detail}."
        case Outside.UNKNOWN:
            said = f"The public preview could not be asked: {testimony.detail}."
    return replace(verdict, evidence=(*verdict.evidence, said))


def shown(name: str, testimony: Testimony) -> str:
    """That the outside sees more than we do, in a sentence."""
    n, ids = len(testimony.posts), testimony.posts[:_NAMED]
    which = ", ".join(map(str, ids)) + ("" if n <= _NAMED else ", ...")
    at = f"{testimony.answered_at or testimony.asked_at:%d %b %H:%M} UTC"
    posts = "a post" if n == 1 else f"{n} posts"
    return (
        f"The public preview showed {posts} of {name} at {at} that we had not been given ({which}): "
        "it posts, and it is we who do not see it."
    )
