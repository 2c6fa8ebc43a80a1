"""The end of a subscription because the chat is out of reach: written down, and noted for ops."""

from datetime import datetime

from domain.note import Note, NoteKind
from storage.store import Transaction


async def part(tx: Transaction, chat_id: int, now: datetime, why: str) -> int:
    """Nothing more goes to this chat. Returns how many deliveries were dropped; ops are told once."""
    dropped = await tx.outbox.drop_chat(chat_id, why)
    known = await tx.subscriptions.subscriber(chat_id)
    if known is not None:
        await tx.subscriptions.end(chat_id, now, why)
        about = f"{known.name} ({chat_id})"
        await tx.notes.add(Note(at=now, kind=NoteKind.OUT_OF_REACH, about=about, why=why))
        tx.notify("notes")
    return dropped
