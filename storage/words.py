"""`words`: the index of words in the form that each engine has for it, outside the tables both share.

SQLite: an FTS5 table that keeps no text (the text is in `posts`), split by us and not by its tokenizer, which
knows too little of Arabic. PostgreSQL: a `tsvector` made from the same tokens, and signs of when it was
posted, with a GIN index. Either way the number of a row is `documents.doc`, and so the order of the index is
that of time.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.match import tsvector
from storage.whens import whens

#: What FTS5 keeps beside `words`, as tables of the database.
SHADOWS = ("words_config", "words_data", "words_idx")


async def add(connection: AsyncConnection, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    """The tokens of documents that are not there yet."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(
            "INSERT INTO words (doc, body) VALUES ($1, CAST($2::text AS tsvector))",
            [(doc, tsvector([*tokens, *whens(doc)])) for doc, tokens in rows],
        )
    else:
        await connection.exec_driver_sql(
            "INSERT INTO words (rowid, body) VALUES (?, ?)", [(doc, " ".join(tokens)) for doc, tokens in rows]
        )


async def change(
    connection: AsyncConnection, rows: Sequence[tuple[int, Sequence[str], Sequence[str]]]
) -> None:
    """Documents have other tokens now: number, those that stand there, those that take their place."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(
            "UPDATE words SET body = CAST($2::text AS tsvector) WHERE doc = $1",
            [(doc, tsvector([*tokens, *whens(doc)])) for doc, _, tokens in rows],
        )
        return
    # FTS5 without a text of its own must be told what it is to forget.
    await connection.exec_driver_sql(
        "INSERT INTO words (words, rowid, body) VALUES ('delete', ?, ?)",
        [(doc, " ".join(former)) for doc, former, _ in rows],
    )
    await add(connection, [(doc, tokens) for doc, _, tokens in rows])


async def clear(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("TRUNCATE words"))
    else:
        await connection.exec_driver_sql("INSERT INTO words (words) VALUES ('delete-all')")


async def settle(connection: AsyncConnection, pages: int = 500) -> bool:
    """A step of bringing what was added in many pieces together. False: there is nothing left to do."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT gin_clean_pending_list('ix_words_body')"))
        await connection.execute(text("ANALYZE words"))
        return False
    before = (await connection.exec_driver_sql("SELECT total_changes()")).scalar_one()
    await connection.exec_driver_sql("INSERT INTO words (words, rank) VALUES ('merge', ?)", (pages,))
    after = (await connection.exec_driver_sql("SELECT total_changes()")).scalar_one()
    return bool(after - before >= 2)  # as FTS5's documentation has it: fewer, and nothing was merged


async def sizes(connection: AsyncConnection) -> dict[str, int]:
    """Bytes on the disk of the index, of `documents`, and of everything."""
    if connection.dialect.name == "postgresql":
        of = {
            "words": "pg_total_relation_size('words')",
            "documents": "pg_total_relation_size('documents')",
            "archive": "pg_database_size(current_database())",
        }
        return {
            name: int((await connection.execute(text(f"SELECT {sql}"))).scalar_one())
            for name, sql in of.items()
        }
    page = (await connection.exec_driver_sql("PRAGMA page_size")).scalar_one()
    pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    body = (await connection.exec_driver_sql("SELECT sum(length(block)) FROM words_data")).scalar_one()
    return {"words": int(body or 0), "archive": int(page) * int(pages)}
