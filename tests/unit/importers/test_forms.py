"""Each form of file becomes the same posts, told apart by what is in it."""

import csv
import gzip
import io
import json
import tarfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from collector.importers.errors import NotAChannel, UnknownFormat, Unreadable
from collector.importers.read import read_records
from collector.importers.record import Bad, Record
from domain.post import Entity, Forward, How, Media, PostKind

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def read(path: Path, **options: Any) -> tuple[list[Record], list[Bad]]:
    found = list(read_records(path, **options))
    return [r for r in found if isinstance(r, Record)], [b for b in found if isinstance(b, Bad)]


def desktop(n: int, **more: Any) -> dict[str, Any]:
    at = AT + timedelta(minutes=n)
    return {
        "id": n,
        "type": "message",
        "date": "2024-03-01T15:00:00",
        "date_unixtime": str(int(at.timestamp())),
        "from": "Falcon News",
        "from_id": "channel1234567",
        "text": f"post {n}",
        "text_entities": [{"type": "plain", "text": f"post {n}"}],
    } | more


def export(*messages: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {
        "name": "Falcon News",
        "type": "public_channel",
        "id": 1234567,
        **head,
        "messages": list(messages),
    }


def telethon(n: int, **more: Any) -> dict[str, Any]:
    return {
        "_": "Message",
        "id": n,
        "peer_id": {"_": "PeerChannel", "channel_id": 1234567},
        "date": (AT + timedelta(minutes=n)).isoformat(),
        "message": f"post {n}",
    } | more


def common(n: int, **more: Any) -> dict[str, Any]:
    at = f"{AT + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}"
    return {"channel": "falcon_news", "id": n, "date": at, "text": f"post {n}"} | more


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def lines(path: Path, *documents: Any) -> Path:
    path.write_text("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents), encoding="utf-8")
    return path


def test_a_desktop_export_of_one_channel_gives_its_posts(tmp_path: Path) -> None:
    records, bad = read(write(tmp_path / "result.json", export(*(desktop(n) for n in range(1, 4)))))
    assert bad == []
    assert [(r.post.channel_id, r.post.id, r.post.text) for r in records] == [
        (1234567, n, f"post {n}") for n in (1, 2, 3)
    ]
    assert records[0].post.posted_at == AT + timedelta(minutes=1)
    assert records[0].origin.title == "Falcon News"
    assert (records[0].place, records[0].post.how) == ("message 1", How.IMPORTED)


def test_text_in_parts_becomes_one_text_with_entities_in_utf16_units(tmp_path: Path) -> None:
    parts = [
        "🚀 at ",
        {"type": "bold", "text": "dawn"},
        " ",
        {"type": "text_link", "text": "here", "href": "https://e.org"},
    ]
    for message in (desktop(1, text=parts, text_entities=[]), desktop(1, text="x", text_entities=parts)):
        (record,), _ = read(write(tmp_path / "result.json", export(message)))
        assert record.post.text == "🚀 at dawn here"
        assert record.post.entities == (
            Entity(kind="bold", offset=6, length=4),
            Entity(kind="text_url", offset=11, length=4, url="https://e.org"),
        )


def test_what_a_desktop_message_shows_and_says_of_itself_is_kept(tmp_path: Path) -> None:
    video = {"file": "video_files/a.mp4", "file_name": "a.mp4", "media_type": "video_file", "file_size": 9}
    unix = str(int(AT.timestamp()) + 600)
    whole = desktop(
        1,
        **video,
        duration_seconds=3,
        width=4,
        height=5,
        edited="2024-03-01T15:10:00",
        edited_unixtime=unix,
        forwarded_from="Other",
        forwarded_from_id="channel77",
        reply_to_message_id=9,
        author="Editor",
        reactions=[{"type": "emoji", "count": 2}],
    )
    (record,), _ = read(write(tmp_path / "result.json", export(whole)))
    post = record.post
    assert post.media == Media(kind="video", size=9, duration=3, width=4, height=5, name="a.mp4")
    assert post.edited_at == AT + timedelta(minutes=10)
    assert post.forward == Forward(channel_id=77, name="Other")
    assert (post.reply_to, post.author) == (9, "Editor")
    assert post.raw == {"file": "video_files/a.mp4", "reactions": [{"type": "emoji", "count": 2}]}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"photo": "(File not included. Change data exporting settings to download.)"}, "photo"),
        ({"file": "f", "media_type": "voice_message"}, "voice"),
        ({"file": "f", "media_type": "video_message"}, "video"),
        ({"file": "f", "media_type": "sticker"}, "sticker"),
        ({"file": "f", "mime_type": "application/pdf"}, "document"),
        ({"poll": {"question": "why", "answers": []}}, "poll"),
        ({"location_information": {"latitude": 1.5, "longitude": 2.5}}, "geo"),
    ],
)
def test_each_kind_of_desktop_media_has_our_word(tmp_path: Path, given: dict[str, Any], kind: str) -> None:
    (record,), _ = read(write(tmp_path / "result.json", export(desktop(1, **given))))
    assert record.post.media is not None
    assert record.post.media.kind == kind


def test_a_service_message_is_kept_as_one_and_without_text(tmp_path: Path) -> None:
    service = {
        "id": 2,
        "type": "service",
        "date_unixtime": "1709294400",
        "actor_id": "channel1234567",
        "action": "pin_message",
        "message_id": 1,
        "text": "",
    }
    (record,), _ = read(write(tmp_path / "result.json", export(service)))
    assert record.post.kind is PostKind.SERVICE
    assert record.post.raw == {"actor_id": "channel1234567", "action": "pin_message", "message_id": 1}


def test_of_a_whole_account_only_the_channels_are_taken(tmp_path: Path) -> None:
    def chat(kind: str, number: int, name: str, *ids: int) -> dict[str, Any]:
        return {"name": name, "type": kind, "id": number, "messages": [desktop(n) for n in ids]}

    account = {
        "about": "Here is the data you requested. " * 3000,  # longer than what is looked at to tell the form
        "personal_information": {"user_id": 5, "first_name": "A"},
        "chats": {
            "about": "This page lists all chats from this export.",
            "list": [
                chat("personal_chat", 8, "A friend", 1, 2),
                chat("public_channel", 100, "Falcon", 1, 2),
                {"type": "saved_messages", "id": 5, "messages": [desktop(1)]},
                chat("private_channel", 200, "Heron", 3),
            ],
        },
        "left_chats": {"about": "", "list": [chat("public_channel", 300, "Kite", 4)]},
    }
    records, bad = read(write(tmp_path / "result.json", account))
    assert bad == []
    assert [(r.origin.title, r.post.channel_id, r.post.id) for r in records] == [
        ("Falcon", 100, 1),
        ("Falcon", 100, 2),
        ("Heron", 200, 3),
        ("Kite", 300, 4),
    ]
    assert records[2].place == "chat 'Heron', message 1"


def test_an_export_of_a_private_chat_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "result.json", export(desktop(1), type="private_group", name="Family"))
    with pytest.raises(NotAChannel, match="Family: it is a private group, not a channel"):
        read(path)


def test_telethon_messages_are_read_as_lines_as_an_array_and_as_an_answer(tmp_path: Path) -> None:
    given = [telethon(n) for n in (3, 2, 1)]
    answer = {"_": "messages.ChannelMessages", "pts": 5, "messages": given, "chats": []}
    for path in (
        lines(tmp_path / "lines", *given),
        write(tmp_path / "array", given),
        write(tmp_path / "answer", answer),
    ):
        records, bad = read(path)
        assert bad == []
        assert [(r.post.channel_id, r.post.id, r.post.text) for r in records] == [
            (1234567, n, f"post {n}") for n in (3, 2, 1)
        ]


def test_a_telethon_message_is_kept_as_the_collector_would_keep_it(tmp_path: Path) -> None:
    whole = telethon(
        5,
        edit_date="2024-03-01T13:00:00+00:00",
        entities=[
            {"_": "MessageEntityTextUrl", "offset": 0, "length": 4, "url": "https://e.org"},
            {"_": "MessageEntityBold", "offset": 5, "length": 1},
        ],
        media={
            "_": "MessageMediaPhoto",
            "photo": {"_": "Photo", "id": 2**62, "sizes": [{"w": 90, "h": 50}, {"w": 900, "h": 500}]},
        },
        fwd_from={
            "_": "MessageFwdHeader",
            "from_id": {"_": "PeerChannel", "channel_id": 9},
            "channel_post": 4,
            "date": "2024-03-01T11:00:00+00:00",
        },
        reply_to={"_": "MessageReplyHeader", "reply_to_msg_id": 3},
        grouped_id=-12,
        views=7,
        forwards=1,
        post_author="Editor",
        reactions={"_": "MessageReactions", "results": []},
    )
    (record,), _ = read(lines(tmp_path / "a.jsonl", whole))
    post = record.post
    assert post.edited_at == AT + timedelta(hours=1)
    assert [(e.kind, e.url) for e in post.entities] == [("text_url", "https://e.org"), ("bold", None)]
    assert post.media == Media(kind="photo", width=900, height=500, file_id=str(2**62))
    assert post.forward == Forward(channel_id=9, post_id=4, posted_at=AT - timedelta(hours=1))
    assert (post.reply_to, post.album_id, post.views, post.forwards) == (3, -12, 7, 1)
    assert post.raw == {"reactions": {"_": "MessageReactions", "results": []}}


def test_an_edit_date_that_only_reactions_moved_is_no_edit(tmp_path: Path) -> None:
    moved = telethon(5, edit_date="2024-03-01T13:00:00+00:00", edit_hide=True)
    (record,), _ = read(lines(tmp_path / "a.jsonl", moved))
    assert record.post.edited_at is None


def test_telethon_messages_of_persons_and_empty_ones_are_bad(tmp_path: Path) -> None:
    person = telethon(1, peer_id={"_": "PeerUser", "user_id": 4})
    empty = {"_": "MessageEmpty", "id": 2, "peer_id": {"_": "PeerChannel", "channel_id": 5}}
    records, bad = read(lines(tmp_path / "a.jsonl", person, empty, telethon(3)))
    assert [r.post.id for r in records] == [3]
    assert ["not of a channel" in bad[0].reason, "MessageEmpty" in bad[1].reason] == [True, True]


def test_the_common_form_keeps_what_we_have_no_field_for(tmp_path: Path) -> None:
    (record,), _ = read(
        lines(
            tmp_path / "a.jsonl",
            common(
                1, views=9, fwd_from="Other", media_kind="album", x_n_album=3, mood="grim", grouped_id=None
            ),
        )
    )
    assert record.post.media == Media(kind="other", detail={"said": "album", "n": 3})
    assert record.post.forward == Forward(name="Other")
    assert record.post.raw == {"x_n_album": 3, "mood": "grim"}


def test_former_texts_become_versions_and_the_first_comes_first(tmp_path: Path) -> None:
    edits = [["2024-03-01T13:00:00Z", "first"], ["2024-03-01T14:00:00Z", "second"]]
    (record,), _ = read(
        lines(tmp_path / "a.jsonl", common(1, text="third", x_edits=edits, edited=edits[1][0]))
    )
    assert (record.post.text, record.post.edited_at) == ("first", None)
    assert [(p.text, p.edited_at) for p in record.later] == [
        ("second", AT + timedelta(hours=1)),
        ("third", AT + timedelta(hours=2)),
    ]


def test_a_watched_deletion_is_an_interval(tmp_path: Path) -> None:
    between = ["2024-03-01T13:00:00Z", "2024-03-01T14:00:00Z"]
    backwards = between[::-1]
    records, _ = read(
        lines(
            tmp_path / "a.jsonl",
            common(1, x_deleted_between=between),
            common(2, x_deleted_between=backwards),
        )
    )
    assert [r.deleted for r in records] == [(AT + timedelta(hours=1), AT + timedelta(hours=2)), None]


def test_raw_dumps_in_a_tar_are_read_member_by_member(tmp_path: Path) -> None:
    def member(n: int) -> bytes:
        sender = int(f"-100123{n}")
        dump = [
            {"message_id": 4, "sender_id": sender, "text": "t", "date": AT.isoformat(), "channel": f"C{n}"}
        ]
        return json.dumps(dump).encode()

    path = tmp_path / "all.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("1.json", member(1)), ("notes.txt", b"hello"), ("2.json", member(2))):
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    records, bad = read(path)
    assert [(r.place, r.post.channel_id, r.origin.title) for r in records] == [
        ("1.json: message 1", 1231, "C1"),
        ("2.json: message 1", 1232, "C2"),
    ]
    assert [b.place for b in bad] == ["notes.txt"]


def test_csv_is_read_with_a_header_in_any_order_and_quoted_newlines(tmp_path: Path) -> None:
    for delimiter in ",;\t":
        path = tmp_path / "a.csv"
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            rows = csv.writer(file, delimiter=delimiter)
            rows.writerow(["Date", "text", "ID", "channel", "views", "x_note"])
            rows.writerow([common(1)["date"], f'two\nlines{delimiter} "quoted"', "1", "falcon_news", "", "n"])
            rows.writerow([common(2)["date"], "", "2", "falcon_news", "7", ""])
            rows.writerow(["yesterday", "", "3", "falcon_news", "7", ""])
        records, bad = read(path)
        assert [r.post.text for r in records] == [f'two\nlines{delimiter} "quoted"', ""]
        assert [r.post.views for r in records] == [None, 7]
        assert records[0].post.raw == {"x_note": "n"}
        assert [str(b) for b in bad] == ["line 5: its date is none: 'yesterday'"]


def test_csv_without_a_header_is_read_in_the_common_order(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("falcon_news,1,2024-03-01T12:00:00Z,hello,9\r\nfalcon_news,2,2024-03-01T12:01:00Z,,\r\n")
    records, bad = read(path)
    assert [(r.post.id, r.post.text, r.post.views) for r in records] == [(1, "hello", 9), (2, "", None)]
    assert bad == []


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_form_is_told_by_the_content_whatever_the_name_packing_and_utf(
    tmp_path: Path, packed: bool, encoding: str
) -> None:
    forms = [
        json.dumps(export(desktop(1, text="صواريخ", text_entities=[])), ensure_ascii=False),
        json.dumps(common(1, text="صواريخ"), ensure_ascii=False) + "\r\n",
        "id,date,text,channel\r\n1,2024-03-01T12:01:00Z,صواريخ,falcon_news\r\n",
    ]
    for content in forms:
        path = tmp_path / "posts.gz"  # a lie, half of the time
        data = content.encode(encoding)
        path.write_bytes(gzip.compress(data) if packed else data)
        (record,), bad = read(path)
        assert (record.post.text, bad) == ("صواريخ", [])


def test_a_channel_without_a_number_gets_a_negative_one_that_stays_the_same(tmp_path: Path) -> None:
    given = lines(tmp_path / "a", common(1), common(2, channel="@Falcon_News"), common(3, channel="other"))
    records, _ = read(given)
    first, same, other = (r.post.channel_id for r in records)
    assert first == same == -257135831459385
    assert other < 0
    assert other != first


@pytest.mark.parametrize("number", [-1001234567, "-1001234567", 1234567, "1234567", "channel1234567"])
def test_a_channels_number_is_kept_without_the_prefix_of_the_bot_api(tmp_path: Path, number: object) -> None:
    (record,), _ = read(lines(tmp_path / "a", common(1, channel_id=number)))
    assert record.post.channel_id == 1234567


def test_a_channel_named_on_the_command_line_overrides_the_file_but_mixes_nothing(tmp_path: Path) -> None:
    path = lines(tmp_path / "a", {**common(1), "channel": None}, {**common(2), "channel": None})
    records, _ = read(path, channel="https://t.me/s/kestrel")
    assert {(r.origin.handle, r.post.channel_id < 0) for r in records} == {("kestrel", True)}
    _, bad = read(path)
    assert "name the channel with --channel" in bad[0].reason
    records, bad = read(lines(tmp_path / "b", common(1), common(2, channel="other_one")), channel="kestrel")
    assert [r.post.id for r in records] == [1]
    assert "another channel than the first" in bad[0].reason


def test_a_date_without_a_zone_is_read_only_in_a_zone_that_was_named(tmp_path: Path) -> None:
    old = {k: v for k, v in desktop(1).items() if k != "date_unixtime"}
    path = write(tmp_path / "result.json", export(old))
    _, bad = read(path)
    assert "has no time zone; name one with `deadair import --zone`" in bad[0].reason
    (record,), _ = read(path, zone=timezone(timedelta(hours=3)))
    assert record.post.posted_at == AT


def test_a_post_from_the_future_is_bad(tmp_path: Path) -> None:
    records, bad = read(lines(tmp_path / "a", common(1), common(500)), until=AT + timedelta(hours=1))
    assert [r.post.id for r in records] == [1]
    assert bad[0].reason.endswith("that is still to come")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"hello\nworld\n", "nothing that looks like posts"),
        (b"<html><body>export</body></html>", "is HTML"),
        (b'{"a": 1}', "holds no messages"),
        (b"PK\x03\x04rest", "is a zip archive"),
        (bytes(range(256)), "nothing that looks like posts"),
        (b"name,age\nx,3\n", "nothing that looks like posts"),
    ],
)
def test_a_file_that_holds_no_posts_is_refused_with_what_would_be_read(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(UnknownFormat, match=says) as error:
        read(path)
    assert error.value.hint


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no file"):
        read(tmp_path / "none.json")
    with pytest.raises(Unreadable, match="is a folder") as error:
        read(tmp_path)
    assert "result.json" in error.value.hint
