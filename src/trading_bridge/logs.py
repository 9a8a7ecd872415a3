"""Structured logs: one line per event, times in UTC; for people on a terminal, JSON elsewhere."""

import logging
import sys
from typing import cast

import structlog


def configure_logs(*, json: bool, level: str = "INFO") -> None:
    """Sets the process up once, at its composition root. Nothing else configures logging."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.dict_tracebacks] if json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("ccxt").setLevel(logging.CRITICAL)  # its debug lines hold signed headers


def get_logger(part: str) -> structlog.typing.FilteringBoundLogger:
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(part=part))
