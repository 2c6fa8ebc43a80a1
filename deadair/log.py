"""Logs: one line an event, for people on a terminal and as JSON for machines."""

import logging
import sys
from typing import Literal

import structlog
from pydantic import BaseModel, Field

from deadair.masking import covered


class LogConfig(BaseModel, extra="forbid", frozen=True):
    """`[log]`"""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged: `debug`, `info`, `warning` or `error` and what is graver."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto", description="`text` for people, `json` for machines; `auto`: text on a terminal, else json."
    )


class _Covering(structlog.stdlib.ProcessorFormatter):
    """Whatever a library puts into an error of its own, no secret of ours is logged."""

    def format(self, record: logging.LogRecord) -> str:
        return covered(super().format(record))


def set_up(config: LogConfig) -> None:
    """Send structlog's events and the libraries' records to stderr in one form."""
    as_text = config.format == "text" or (config.format == "auto" and sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    renderer: structlog.types.Processor = (
        # A traceback with local variables would show tokens and sessions.
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        if as_text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Covering(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if as_text else [structlog.processors.format_exc_info]),
                renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=config.level.upper(), force=True)
    # Libraries speak only when something is wrong: what they call news is not news to our users.
    for name in ("telethon", "aiogram", "apscheduler", "sqlalchemy", "alembic", "asyncio", "matplotlib"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[config.level.upper()]
        ),
        cache_logger_on_first_use=True,
    )
