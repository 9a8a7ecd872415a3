"""Structured logs: one line per event, times in UTC; for people on a terminal, JSON elsewhere."""

import logging
import sys
from typing import TextIO, cast

import structlog

#: local variables of a crash may hold anything, a key too
_WITHOUT_LOCALS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def configure_logs(*, json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sets the process up once, at its composition root; to standard error unless a `stream` is given."""
    out = stream or sys.stderr
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.ExceptionRenderer(_WITHOUT_LOCALS)] if json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("ccxt").setLevel(logging.CRITICAL)  # its debug lines hold signed headers


def get_logger(part: str) -> structlog.typing.FilteringBoundLogger:
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(part=part))
