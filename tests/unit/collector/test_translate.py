"""Telethon's messages become posts without anything lost or made up."""

from datetime import UTC, datetime

import pytest
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.media import media_of
from collector.translate import post_of
from domain.post import How, Post, PostKind

NOON = datetime(2031, 3, 14, 12, tzinfo=UTC)
LATER = datetime(2031, 3, 14, 13, tzinfo=UTC)


def post(*, known: bool = False, **more: object) -> Post:
    message = T.Message(id=5, peer_id=T.PeerChannel(7), date=NOON, message="words", **more)
    found = post_of(message, seen_at=LATER, how=How.LIVE, known=known)
    assert found is not None
    return found


def test_both_clocks_are_kept() -> None:
    assert (post().posted_at, post().seen_at) == (NOON, LATER)


def test_a_message_of_a_person_or_a_deleted_one_is_no_post() -> None:
    private = T.Message(id=5, peer_id=T.PeerUser(7), date=NOON, message="words")
    assert post_of(private, seen_at=NOON, how=How.LIVE) is None
    assert post_of(T.MessageEmpty(id=5, peer_id=T.PeerChannel(7)), seen_at=NOON, how=How.LIVE) is None


def test_a_hidden_edit_is_no_edit_of_a_new_post_but_dates_one_of_a_known_post() -> None:
    assert post(edit_date=LATER).edited_at == LATER
    assert post(edit_date=LATER, edit_hide=True).edited_at is None
    assert post(edit_date=LATER, edit_hide=True, known=True).edited_at == LATER


def test_an_answer_to_another_chat_is_no_answer_of_ours() -> None:
    assert post(reply_to=T.MessageReplyHeader(reply_to_msg_id=3)).reply_to == 3
    same = T.MessageReplyHeader(reply_to_msg_id=3, reply_to_peer_id=T.PeerChannel(7))
    other = T.MessageReplyHeader(reply_to_msg_id=3, reply_to_peer_id=T.PeerChannel(8))
    assert post(reply_to=same).reply_to == 3
    assert post(reply_to=other).reply_to is None
    assert post(reply_to=T.MessageReplyStoryHeader(peer=T.PeerChannel(7), story_id=3)).reply_to is None


def test_a_forward_tells_its_source_as_far_as_telegram_does() -> None:
    of_channel = T.MessageFwdHeader(date=NOON, from_id=T.PeerChannel(9), channel_post=4)
    found = post(fwd_from=of_channel).forward
    assert found is not None
    assert (found.channel_id, found.post_id, found.posted_at) == (9, 4, NOON)
    hidden = post(fwd_from=T.MessageFwdHeader(date=NOON, from_name="Somebody")).forward
    assert hidden is not None
    assert (hidden.channel_id, hidden.name) == (None, "Somebody")


def test_every_entity_keeps_its_place_and_link() -> None:
    given = [
        T.MessageEntityTextUrl(offset=0, length=2, url="https://example.org/"),
        T.MessageEntityMentionName(offset=2, length=3, user_id=8),
        T.MessageEntityBold(offset=0, length=5),
    ]
    assert [(e.kind, e.offset, e.length, e.url) for e in post(entities=given).entities] == [
        ("text_url", 0, 2, "https://example.org/"),
        ("mention_name", 2, 3, "tg://user?id=8"),
        ("bold", 0, 5, None),
    ]


def test_a_service_message_is_kept_as_one() -> None:
    action = T.MessageActionChatEditTitle(title="New name")
    service = T.MessageService(id=6, peer_id=T.PeerChannel(7), date=NOON, action=action)
    found = post_of(service, seen_at=LATER, how=How.LIVE)
    assert found is not None
    assert found.kind is PostKind.SERVICE
    assert found.raw == {"action": "chat_edit_title", "title": "New name"}


def test_a_preview_that_appears_later_or_changes_is_no_new_version() -> None:
    """Telegram makes the preview of a link some seconds after the post."""
    pending = T.MessageMediaWebPage(webpage=T.WebPagePending(id=1, date=NOON, url="https://example.org/"))
    there = T.MessageMediaWebPage(
        webpage=T.WebPage(
            id=1, url="https://example.org/", display_url="example.org", hash=0, title="Example"
        )
    )
    assert post(media=pending).hash == post(media=there).hash
    assert media_of(there).detail["title"] == "Example"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ([T.DocumentAttributeFilename("a.pdf")], "document"),
        ([T.DocumentAttributeVideo(duration=2.5, w=3, h=4)], "video"),
        ([T.DocumentAttributeAudio(duration=2, voice=True)], "voice"),
        ([T.DocumentAttributeAudio(duration=2)], "audio"),
        (
            [
                T.DocumentAttributeVideo(duration=2.5, w=3, h=4),
                T.DocumentAttributeSticker(alt="", stickerset=T.InputStickerSetEmpty()),
            ],
            "sticker",
        ),
    ],
)
def test_a_file_is_what_its_attributes_say(attributes: list[object], kind: str) -> None:
    document = T.Document(
        id=11,
        access_hash=1,
        file_reference=b"",
        date=NOON,
        mime_type="x/y",
        size=9,
        dc_id=2,
        attributes=attributes,
    )
    found = media_of(T.MessageMediaDocument(document=document))
    assert found is not None
    assert (found.kind, found.file_id, found.size) == (kind, "11", 9)


def test_media_without_a_word_of_ours_says_telegrams_own() -> None:
    assert media_of(T.MessageMediaEmpty()) is None
    assert media_of(T.MessageMediaUnsupported()).kind == "other"  # type: ignore[union-attr]
    contact = T.MessageMediaContact(phone_number="1", first_name="a", last_name="b", vcard="", user_id=0)
    detail = media_of(contact).detail  # type: ignore[union-attr]
    assert (detail["type"], detail["phone_number"], detail["first_name"]) == ("Contact", "1", "a")
    assert media_of(T.MessageMediaPhoto()).kind == "photo"  # type: ignore[union-attr]
