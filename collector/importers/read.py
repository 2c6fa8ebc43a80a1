"""A file's records, one after the other, in flat memory; what is bad among them is told and passed over."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from collector.importers.common import common_origin, common_record, is_common
from collector.importers.desktop import chat_number, desktop_record, is_desktop, refuse_other_chats
from collector.importers.documents import Chat, messages
from collector.importers.errors import NotAChannel, UnknownFormat, Unusable
from collector.importers.identity import number_of, origin_of
from collector.importers.lines import csv_rows, json_lines
from collector.importers.recognise import SAMPLE, Form, recognise
from collector.importers.record import Bad, Origin, Record
from collector.importers.stream import Source, Stream, in_utf8
from collector.importers.telethon_form import is_telethon, peer_number, telethon_record
from collector.importers.values import UNDECODABLE, channel_number, shown, words

_NO_CHANNEL = "it does not say of which channel it is; name the channel with --channel"


def read_records(
    path: Path,
    *,
    channel: str | None = None,
    zone: tzinfo | None = None,
    until: datetime | None = None,
    heard: Callable[[int, int], None] | None = None,
) -> Iterator[Record | Bad]:
    """The posts of a file of any form we know, packed or not, in the order of the file.

    `channel` (a handle, a number or a title) overrides what the file says. `zone` is the zone of instants
    that are written without one. Posts dated after `until` are bad. `heard` is told now and then how many
    bytes of how many were read.

    Raises Unreadable, UnknownFormat, NotAChannel. What is wrong with a single record is a `Bad`.
    """
    reader = _Reader(channel=channel, zone=zone, until=until)
    source = Source(path)
    with closing(source):
        single = True
        for member, stream in source.members():
            single = not member
            try:
                yield from _told(reader.member(member, stream, path.name), source, heard)
            except (UnknownFormat, NotAChannel) as error:
                if single:
                    raise
                yield Bad(place=member, reason=str(error))
        if source.broken:
            yield Bad(place="the end of the file", reason=source.broken)
        if heard is not None:
            heard(source.size, source.size)


def _told(
    records: Iterator[Record | Bad], source: Source, heard: Callable[[int, int], None] | None
) -> Iterator[Record | Bad]:
    for n, record in enumerate(records):
        if heard is not None and n % 500 == 0:
            heard(source.position, source.size)
        yield record


class _Reader:
    """Turns documents into records. One for each file."""

    def __init__(self, *, channel: str | None, zone: tzinfo | None, until: datetime | None) -> None:
        self._override = origin_of(channel) if channel else None
        self._zone = zone
        self._until = until
        self._only: tuple[int | None, str | None] | None = None
        self._known: dict[Origin, Origin] = {}

    def member(self, member: str, stream: Stream, name: str) -> Iterator[Record | Bad]:
        """The records of one file of an archive, or of the file itself."""
        stream = in_utf8(stream)
        form = recognise(stream.peek(SAMPLE), f"{name}: {member}" if member else name)
        before = f"{member}: " if member else ""
        found = (
            self._document(stream)
            if form is Form.DOCUMENT
            else self._flat(json_lines(stream) if form is Form.LINES else csv_rows(stream))
        )
        for each in found:
            yield replace(each, place=before + each.place) if before else each

    def _flat(self, found: Iterator[tuple[str, dict[str, Any]] | Bad]) -> Iterator[Record | Bad]:
        for each in found:
            yield each if isinstance(each, Bad) else self._record(each[0], each[1], None)

    def _document(self, stream: Stream) -> Iterator[Record | Bad]:
        refused: Chat | None = None
        for each in messages(stream):
            if isinstance(each, Bad):
                yield each
                continue
            place, document, chat = each
            try:
                refuse_other_chats(chat.kind)
            except Unusable as reason:
                # Among the chats of a whole account others than channels are to be expected, and left alone.
                if not chat.of_account:
                    hint = "export a channel, or the whole account: only its channels are taken"
                    raise NotAChannel(f"{chat.name or 'this export'}: {reason}", hint=hint) from None
                refused = chat
                continue
            if chat is not refused:
                yield self._record(place, document, chat)

    def _record(self, place: str, document: Any, chat: Chat | None) -> Record | Bad:
        try:
            return self._checked(self._translated(place, document, chat))
        except Unusable as reason:
            return Bad(place=place, reason=str(reason))
        except Exception as error:  # a record of which nobody has thought must not cost the others
            return Bad(place=place, reason=f"it could not be understood: {error!r}")

    def _translated(self, place: str, document: Any, chat: Chat | None) -> Record:
        if not isinstance(document, dict):
            raise Unusable(f"no JSON object: {shown(document)}")
        if is_telethon(document):
            origin = self._origin(Origin(number=peer_number(document.get("peer_id"))))
            return telethon_record(document, place, origin, self._zone)
        if is_desktop(document):
            number = channel_number(chat.number) if chat else None
            said = Origin(number=number or chat_number(document), title=words(chat.name) if chat else None)
            return desktop_record(document, place, self._origin(said), self._zone)
        if is_common(document):
            origin = self._origin(common_origin(document))
            return common_record(document, place, origin, self._zone)
        missing = "an id and a date" if "id" not in document else "a date"
        raise Unusable(f"it has not even {missing}: {shown(sorted(document))}")

    def _origin(self, said: Origin | None) -> Origin:
        if said is None or said == Origin():
            if self._override is None:
                raise Unusable(_NO_CHANNEL)
            said = Origin()
        if self._override is not None:
            identity = (said.number, said.handle or said.title)
            if self._only is None:
                self._only = identity
            if identity != self._only:
                raise Unusable("it is of another channel than the first record; --channel names only one")
            said = replace(
                self._override,
                number=self._override.number or said.number,
                title=self._override.title or said.title,
            )
        known = self._known.get(said)
        if known is None:
            known = self._known[said] = replace(said, number=number_of(said))
        return known

    def _checked(self, record: Record) -> Record:
        post = record.post
        if self._until is not None and post.posted_at > self._until:
            raise Unusable(f"it is dated {post.posted_at:%Y-%m-%d %H:%M} UTC: that is still to come")
        if UNDECODABLE in post.text:
            raise Unusable("its text is not UTF-8")
        return record
