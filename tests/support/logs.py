"""What is logged while tests run."""

import structlog


def log_plainly() -> None:
    """As structlog does by itself, but for tracebacks: with all variables of all frames, as it has them by
    itself, one takes seconds of processor time, and the product never logs one so.
    """
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.dev.set_exc_info,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
