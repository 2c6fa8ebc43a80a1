"""The words and signs under which a post is found: what the index has, and what a query asks for. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from itertools import chain

from archive.sketch import bands
from claims.normalise import broken_words, fold_text, parted_words
from domain.post import Forward, How, Media, Post, Revision
from storage.match import EVERYTHING

_WORD = re.compile(r"\w+")
#: Parts the versions of a post, so that no phrase runs from one into the next.
BREAK = "=v"
EDITED = "=e"  #: there is a later version
REMOVED = "=r"  #: what it said was removed, its time being over
LINKED = "=l"
FORWARDED = "=f"
#: PostgreSQL takes no longer word; nobody types one.
_LONGEST = 500


def words_of(folded: str) -> list[str]:
    """The words of a folded text, in order."""
    found = _WORD.findall(folded)
    return [word[:_LONGEST] for word in found] if len(folded) > _LONGEST else found


def channel_sign(channel_id: int) -> str:
    return f"=c{channel_id}"


def media_sign(kind: str) -> str:
    return f"=m{kind}"


def source_sign(channel_id: int) -> str:
    """Forwarded from that channel."""
    return f"=f{channel_id}"


def source_name_sign(name: str) -> str:
    """Forwarded from one of whom only the name is known, however it is spelled."""
    return "=n" + blake2b(fold_text(name).strip().encode(), digest_size=8).hexdigest()


def band_sign(band: int) -> str:
    return f"=k{band}"


class Document:
    """A post as the index has it: the tokens of its versions, then its signs."""

    __slots__ = ("band_a", "band_b", "tokens")

    def __init__(self, post: Post, revisions: Sequence[Revision] = (), *, named: int) -> None:
        """`named`: the channel's number when the post was first indexed, for it may be given another."""
        folded = fold_text(post.text)
        words = words_of(folded)
        self.band_a, self.band_b = bands(folded, words)
        tokens = words
        tokens += _also(post.text, folded, post.media)
        media = [post.media]
        for each in revisions:
            folded = fold_text(each.text)
            tokens += (BREAK, *words_of(folded), *_also(each.text, folded, each.media))
            media.append(each.media)
        tokens += (BREAK, EVERYTHING, channel_sign(named))
        tokens += {media_sign(each.kind): None for each in media if each is not None}
        if post.forward is not None:
            tokens += _source(post.forward)
        if _has_links(post, revisions):
            tokens.append(LINKED)
        if revisions:
            tokens.append(EDITED)
        if post.removed_at is not None:
            tokens.append(REMOVED)
        if self.band_a:
            tokens += (band_sign(self.band_a), band_sign(self.band_b))
        self.tokens = tokens


def _also(raw: str, folded: str, media: Media | None) -> list[str]:
    """Words broken by marks or parted by ZWNJ as they would be whole, and those of a file or a poll."""
    out: list[str] = []
    for _, _, whole in chain(broken_words(folded), parted_words(raw)):
        out += (BREAK, *words_of(whole))
    for text in media_texts(media):
        out += (BREAK, *words_of(fold_text(text)))
    return out


def media_texts(media: Media | None) -> Iterable[str]:
    """What there is to read in a file or a poll beside the text of the post."""
    if media is None:
        return
    if media.name:
        yield media.name
    if media.detail:
        for key in ("question", "title"):
            if isinstance(text := media.detail.get(key), str):
                yield text
        answers = media.detail.get("answers")
        for each in answers if isinstance(answers, list) else ():
            if each:  # in a file that was imported it is whatever somebody wrote there
                text = each.get("text", "") if isinstance(each, dict) else each
                yield text if isinstance(text, str) else str(text)


def _source(forward: Forward) -> list[str]:
    out = [FORWARDED]
    if forward.channel_id is not None:
        out.append(source_sign(forward.channel_id))
    if forward.name:
        out.append(source_name_sign(forward.name))
    return out


_LINK = re.compile(r"https?://|\bt\.me/", re.IGNORECASE)


def _has_links(post: Post, revisions: Sequence[Revision]) -> bool:
    if any(e.kind in ("url", "text_url") for e in post.entities):
        return True
    if any(e.kind in ("url", "text_url") for each in revisions for e in each.entities):
        return True
    if post.details.buttons and any(url for _, url in post.details.buttons):
        return True
    return any(map(_names_link, (post.text, *(each.text for each in revisions))))


def _names_link(text: str) -> bool:
    # What each link has is far quicker to look for.
    return ("://" in text or "e/" in text or "E/" in text) and _LINK.search(text) is not None


@cache
def fingerprint() -> str:
    """Of the way from a text to its tokens: another one means that the index must be built anew."""
    probe = Document(_PROBE, named=1).tokens
    return blake2b("\0".join(probe).encode(), digest_size=8).hexdigest()


_PROBE = Post(
    channel_id=1,
    id=1,
    posted_at=datetime(2024, 1, 28, tzinfo=UTC),
    seen_at=datetime(2024, 1, 28, tzinfo=UTC),
    how=How.LIVE,
    text="إلى أُمَّةٍ آمنة ٱلمقاومة ط.ا.ئ.ر.ة قا_عدة صار.وخ طـــائـرة #عين_الأسد ﷲ ﻻ ڤ مسؤول شئ ەکان یەک "
    "می\u200cشود ك\u200cتاب کوردستان ێۆڕڵ יום־טוב ВСУ cайт Ёж naïve U-Turn ROCKET r.o.c.k.e.t ١٢٣ ۴۵۶ 12:30 "
    "هههههه https://t.me/some_channel/5 @some_name ıŞğ ½ ２ 🚀 100%",
    media=Media(kind="document", name="بيان رقم_1.pdf"),
)
