"""Errors of ours: one class per meaning, each with a stable code and an HTTP status.

TradingBridgeError
  InvalidInput        bad input: names the field and the remedy (400)
  NotFound            404
  Conflict            409: the state of things forbids it (a second client on a market, a name in other case)
  Unauthenticated     401
  Forbidden           403
  NotReady            503: start-up is under way, or the storage cannot be written
  SettingsError       the process cannot start as configured
  StorageRefused      a money row was refused: the epoch is not ours any more
"""

from http import HTTPStatus


class TradingBridgeError(Exception):
    """`code` is stable and dotted; `field` is the input's name where one is to blame."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class InvalidInput(TradingBridgeError):
    status = HTTPStatus.BAD_REQUEST


class NotFound(TradingBridgeError):
    status = HTTPStatus.NOT_FOUND


class Conflict(TradingBridgeError):
    status = HTTPStatus.CONFLICT


class Unauthenticated(TradingBridgeError):
    status = HTTPStatus.UNAUTHORIZED


class Forbidden(TradingBridgeError):
    status = HTTPStatus.FORBIDDEN


class NotReady(TradingBridgeError):
    status = HTTPStatus.SERVICE_UNAVAILABLE


class SettingsError(TradingBridgeError):
    pass


class StorageRefused(TradingBridgeError):
    status = HTTPStatus.CONFLICT
