"""What ccxt's own class says beside status and body."""

import socket

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from ccxt.base.errors import ExchangeNotAvailable, OnMaintenance

from tests.factories import NOW
from trading_bridge.exchanges.causes import Cause, Ending, cause_of
from trading_bridge.exchanges.described import coinstore
from trading_bridge.exchanges.trace import CallTrace


def cause(error: Exception, *, status: int, response: object = None, body: str = "") -> Cause:
    trace = CallTrace(call="fetch_balance", began=True, status=status, body=body, response=response)
    return cause_of(error, trace, wire=coinstore.INFO.wire, at=NOW)


def test_a_class_that_says_maintenance_is_believed_and_proves_nothing() -> None:
    said = OnMaintenance("closed")
    for found in (
        cause(said, status=503, body="closed"),
        cause(said, status=200, response={"code": 9001}, body='{"code":9001}'),
    ):
        assert (found.code, found.ending) == ("exchange.maintenance", Ending.UNRESOLVED)
    assert cause(ExchangeNotAvailable("closed"), status=503, body="closed").code == "exchange.no_answer"


def test_words_far_down_a_page_are_not_looked_for() -> None:
    page = "<html>" + " " * 5000 + "maintenance"
    assert cause(ExchangeNotAvailable("page"), status=503, body=page).code == "exchange.no_answer"


@pytest.mark.parametrize(
    ("error_number", "ipv4_only", "stage"),
    [
        (socket.EAI_NONAME, True, "dns"),
        (socket.EAI_NODATA, True, "address"),
        (socket.EAI_NODATA, False, "dns"),
    ],
)
def test_a_name_that_has_ipv6_only_is_known(error_number: int, ipv4_only: bool, stage: str) -> None:
    place = ConnectionKey("exchange.example", 443, True, True, None, None, None)
    error = aiohttp.ClientConnectorDNSError(place, socket.gaierror(error_number, "said so"))
    trace = CallTrace(call="fetch_balance", began=True, ipv4_only=ipv4_only)
    found = cause_of(error, trace, wire=coinstore.INFO.wire, at=NOW)
    assert (found.ending, found.code, found.parameters["stage"]) == (Ending.NOT_SENT, "exchange.unreachable", stage)
