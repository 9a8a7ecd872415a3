"""Structured logs: one line per event, times in UTC, no secret; for people on a terminal, JSON elsewhere."""

import logging
import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TextIO, cast

import structlog

from trading_bridge.redaction import conceal, conceal_url, redacted

__all__ = ["bound", "conceal", "conceal_url", "configure_logs", "get_logger"]

#: local variables of a crash may hold anything, a key too
_WITHOUT_LOCALS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def configure_logs(*, json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sets the process up once, at its composition root; to standard error unless a `stream` is given."""
    out = stream or sys.stderr
    in_style: list[structlog.typing.Processor] = (
        [structlog.processors.ExceptionRenderer(_WITHOUT_LOCALS), _without_secrets, structlog.processors.JSONRenderer()]
        if json
        else [
            structlog.processors.format_exc_info,
            _without_secrets,
            structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *in_style,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("ccxt").setLevel(logging.CRITICAL)  # its debug lines hold signed headers
    logging.getLogger().handlers = [
        *(handler for handler in logging.getLogger().handlers if not isinstance(handler, _OfLibraries)),
        _OfLibraries(),
    ]
    sys.excepthook = _crashed


def get_logger(part: str) -> structlog.typing.FilteringBoundLogger:
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(part=part))


def bound(
    *,
    bot: str | None = None,
    account: str | None = None,
    exchange: str | None = None,
    client_order_id: str | None = None,
) -> AbstractContextManager[None]:
    """Inside it each line of this task, and of tasks that it starts, says whom it is about."""
    given = {"bot": bot, "account": account, "exchange": exchange, "client_order_id": client_order_id}
    return structlog.contextvars.bound_contextvars(**{name: id_ for name, id_ in given.items() if id_ is not None})


def _without_secrets(
    logger: structlog.typing.WrappedLogger, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return cast("structlog.typing.EventDict", redacted(event))


class _OfLibraries(logging.Handler):
    """What libraries log, and what asyncio says of a lost task, takes the same way as our own lines."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # their arguments do not fit their text
            message = str(record.msg)
        get_logger(record.name).log(record.levelno, message, exc_info=record.exc_info)


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The interpreter's own last words would show the error's text as it is."""
    if isinstance(error, KeyboardInterrupt):
        return
    get_logger("process").critical("crashed", exc_info=(kind, error, trace))
