"""Errors of ours: one class per meaning, each with a stable code and an HTTP status.

TradingBridgeError
  InvalidInput        bad input: names the field and the remedy (400)
  NotFound            404
  Conflict            409: the state of things forbids it (a second client on a market, a name in other case)
    Blocked           409: a finding forbids it, and goes with the answer
  Unauthenticated     401
  Forbidden           403
  TooMany             429: wait `retry_after_s`
  NotReady            503: start-up is under way, or the storage cannot be written
    OutcomeUnknown    503: it may be written all the same
  SettingsError       the process cannot start as configured
  StorageRefused      a money row was refused: the epoch is not ours any more
  LeaseLost           another server has taken over, and this process ends
"""

from http import HTTPStatus

from trading_bridge.core.finding import Finding


class TradingBridgeError(Exception):
    """`code` is stable and dotted; `field` names the input to blame, `remedy` the step that helps, if there is one."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, code: str, message: str, *, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.remedy = remedy


class InvalidInput(TradingBridgeError):
    status = HTTPStatus.BAD_REQUEST


class NotFound(TradingBridgeError):
    status = HTTPStatus.NOT_FOUND


class Conflict(TradingBridgeError):
    status = HTTPStatus.CONFLICT


class Blocked(Conflict):
    def __init__(
        self,
        finding: Finding,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """`code` where the error is not the finding itself but what follows from it."""
        super().__init__(code or finding.code, message, field=field, remedy=remedy)
        self.finding = finding


class Unauthenticated(TradingBridgeError):
    status = HTTPStatus.UNAUTHORIZED


class Forbidden(TradingBridgeError):
    status = HTTPStatus.FORBIDDEN


class TooMany(TradingBridgeError):
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, code: str, message: str, *, retry_after_s: int) -> None:
        super().__init__(code, message, remedy=f"Try again in {retry_after_s} s.")
        self.retry_after_s = retry_after_s


class NotReady(TradingBridgeError):
    status = HTTPStatus.SERVICE_UNAVAILABLE


class OutcomeUnknown(NotReady):
    pass


class SettingsError(TradingBridgeError):
    pass


class StorageRefused(TradingBridgeError):
    status = HTTPStatus.CONFLICT


class LeaseLost(TradingBridgeError):
    pass
