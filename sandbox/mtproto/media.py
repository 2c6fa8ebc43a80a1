"""What a post shows beside its text, as TL objects."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from domain.post import Entity, Media
from sandbox.mtproto.centre import centre_of
from sandbox.mtproto.factory import make

#: What Telegram lets a client name a file by, for some hours.
REFERENCE = b"sandbox"
#: Bytes of a file of which nobody says how large it is.
PHOTO_SIZE, DOCUMENT_SIZE = 50_000, 100_000
_MIME = {"video": "video/mp4", "audio": "audio/mpeg", "voice": "audio/ogg", "sticker": "image/webp"}


def media(found: Media, at: datetime) -> Any:
    """Photo, video, audio, voice, sticker, document, poll, webpage, geo; anything else is "unsupported"."""
    if found.kind == "photo":
        return T.MessageMediaPhoto(photo=_photo(found, at))
    if found.kind in ("video", "audio", "voice", "sticker", "document"):
        return T.MessageMediaDocument(
            document=_document(found, at),
            video=found.kind == "video" or None,
            voice=found.kind == "voice" or None,
        )
    if found.kind == "poll":
        return _poll(found)
    if found.kind == "webpage":
        return T.MessageMediaWebPage(webpage=_webpage(found))
    if found.kind == "geo":
        spot = make(T.GeoPoint, lat=float(found.detail["lat"]), long=float(found.detail["long"]))
        return T.MessageMediaGeo(geo=spot)
    return T.MessageMediaUnsupported()


def entity(found: Entity) -> Any:
    """`bold` -> MessageEntityBold, `text_url` -> MessageEntityTextUrl."""
    constructor = getattr(
        T, "MessageEntity" + "".join(p.title() for p in found.kind.split("_")), T.MessageEntityUnknown
    )
    given: dict[str, Any] = {"offset": found.offset, "length": found.length}
    if found.url is not None:
        given["url"] = found.url
    if found.kind == "mention_name" and found.url is not None:
        given = {**given, "user_id": int(found.url.partition("=")[2])}
        del given["url"]
    if found.detail is not None:
        given |= {"document_id": int(found.detail)} if found.kind == "custom_emoji" else {}
        given |= {"language": found.detail} if found.kind == "pre" else {}
    return make(constructor, **given)


def number_of(found: Media) -> int:
    """The file's number: its own, or one that its description gives."""
    if found.file_id is not None and found.file_id.lstrip("-").isdigit():
        return int(found.file_id)
    said = repr((found.kind, found.file_id, found.name, found.size, sorted(found.detail.items())))
    return int.from_bytes(blake2b(said.encode(), digest_size=7).digest(), "big")


def _photo(found: Media, at: datetime) -> Any:
    sizes = [T.PhotoStrippedSize(type="i", bytes=preview(found))] if found.detail.get("preview") else []
    size = T.PhotoSize(type="x", w=found.width or 800, h=found.height or 600, size=found.size or PHOTO_SIZE)
    return make(
        T.Photo,
        id=number_of(found),
        access_hash=1,
        file_reference=REFERENCE,
        date=at,
        sizes=[*sizes, size],
        dc_id=centre_of(found),
    )


def preview(found: Media) -> bytes:
    """The small picture that travels within the message: of whatever `preview` in its detail says."""
    return f"preview of {found.detail.get('preview')}".encode()


def _document(found: Media, at: datetime) -> Any:
    attributes: list[Any] = []
    if found.name:
        attributes.append(T.DocumentAttributeFilename(file_name=found.name))
    if found.kind == "video":
        attributes.append(
            make(
                T.DocumentAttributeVideo,
                duration=found.duration or 10.0,
                w=found.width or 1280,
                h=found.height or 720,
                supports_streaming=True,
            )
        )
    elif found.kind in ("audio", "voice"):
        attributes.append(
            make(
                T.DocumentAttributeAudio,
                duration=int(found.duration or 10),
                voice=found.kind == "voice" or None,
            )
        )
    elif found.kind == "sticker":
        attributes.append(make(T.DocumentAttributeSticker, alt="", stickerset=T.InputStickerSetEmpty()))
    return make(
        T.Document,
        id=number_of(found),
        access_hash=1,
        file_reference=REFERENCE,
        date=at,
        mime_type=found.mime or _MIME.get(found.kind, "application/octet-stream"),
        size=found.size or DOCUMENT_SIZE,
        thumbs=[T.PhotoStrippedSize(type="i", bytes=preview(found))] if found.detail.get("preview") else None,
        dc_id=centre_of(found),
        attributes=attributes,
    )


def _poll(found: Media) -> Any:
    answers = [str(a) for a in found.detail.get("answers", ())]
    counts = [int(n) for n in found.detail.get("counts", ())]
    options = [bytes((n,)) for n in range(len(answers))]
    return make(
        T.MessageMediaPoll,
        poll=make(
            T.Poll,
            id=number_of(found),
            question=plain(str(found.detail.get("question", ""))),
            answers=[
                make(T.PollAnswer, text=plain(a), option=o) for a, o in zip(answers, options, strict=True)
            ],
        ),
        results=T.PollResults(
            results=[
                make(T.PollAnswerVoters, option=o, voters=n, recent_voters=[])
                for o, n in zip(options, counts, strict=False)
            ],
            total_voters=sum(counts),
        ),
    )


def plain(text: str) -> Any:
    return T.TextWithEntities(text=text, entities=[])


def _webpage(found: Media) -> Any:
    url = str(found.detail.get("url", "https://example.org/"))
    return make(
        T.WebPage,
        id=number_of(found),
        url=url,
        display_url=url.split("//")[-1],
        title=found.name,
        description=found.detail.get("description"),
    )
