"""Moving an archive from one schema to another."""

import asyncio

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine, refuse_no_folder, shown, sqlite_engine
from storage.errors import SchemaMismatch, translated
from storage.schema import downgrade, refuse_moving, script, upgrade, upgrade_beside, version


async def migrate(
    config: StorageConfig, to: str = "head", *, keep: bool = False
) -> tuple[str | None, str | None]:
    """Bring the archive to the schema `to`: a version, `head` (this program's) or `base` (empty).

    Up in PostgreSQL, others may go on using it. In SQLite they wait, and down nobody else may be at work.
    Returns the versions before and after. Raises SchemaMismatch for a version this program does not know, and
    to `keep` what there is: for one that an archive with posts could go back to only by losing some of it.
    """
    url = parse_url(config.url)
    steps = _steps(script())
    wanted = {"head": steps[-1], "base": None}.get(to, to)
    if wanted is not None and wanted not in steps:
        known = ", ".join([*steps, "head"])
        raise SchemaMismatch(f"no schema version {to!r}", hint=f"known are {known}")
    if url.drivername.startswith("sqlite"):
        await asyncio.to_thread(refuse_no_folder, url)
        engine = sqlite_engine(url, config, writes=True)
    else:
        engine = postgres_engine(url, config)
    try:
        before = await version(engine)
        refuse_moving(before, shown(url))
        if before is not None and before not in steps:
            raise SchemaMismatch(
                f"{shown(url)} has schema {before}, which this Deadair does not know",
                hint="the archive was written by a newer Deadair: install that one",
            )
        if wanted is None or (before is not None and steps.index(wanted) < steps.index(before)):
            if keep:
                await _refuse_losing(engine, shown(url), before, wanted)
            await downgrade(engine, to)
        elif before is not None and engine.dialect.name == "postgresql":
            await upgrade_beside(engine, steps[steps.index(before) + 1 : steps.index(wanted) + 1])
        else:
            await upgrade(engine, to)
        return before, await version(engine)
    except Exception as error:
        if (ours := translated(error, shown(url))) is not None:
            raise ours from error
        raise
    finally:
        await engine.dispose()


async def _refuse_losing(engine: AsyncEngine, name: str, have: str | None, to: str | None) -> None:
    """Raises SchemaMismatch where there is something to lose."""
    if have is None:
        return
    async with engine.connect() as connection:
        posts = await connection.scalar(text("SELECT count(*) FROM posts"))
    if posts:
        lost = f"everything that schema {to} does not know of" if to else "the whole archive"
        raise SchemaMismatch(
            f"{name} holds {posts:,} posts in schema {have}: going back would lose {lost}",
            hint="nothing was changed; for an older Deadair, name a new file or an empty database in "
            "[storage] url and restore with it a backup that it made: deadair restore FILE",
        )


def _steps(scripts: ScriptDirectory) -> list[str]:
    """All versions, oldest first."""
    return [each.revision for each in scripts.walk_revisions()][::-1]
