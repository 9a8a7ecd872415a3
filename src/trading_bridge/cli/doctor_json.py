"""The doctor's report as one JSON document; ladders and findings as the HTTP API has them."""

from collections.abc import Callable
from datetime import datetime

import orjson

from trading_bridge.api.encode.findings import finding, optional_finding
from trading_bridge.api.encode.ladder import ladder
from trading_bridge.cli.doctor_look import Examined
from trading_bridge.cli.doctor_report import Report, bundle
from trading_bridge.diagnosis.outside import Outside, Target, curl, request_of

JsonObject = dict[str, object]


def document(report: Report, now: Callable[[], datetime]) -> str:
    """`now` signs the commands of `outside`."""
    told: JsonObject = {
        "looked_at": report.looked_at,
        "well": report.well,
        "installation": [
            {
                "check": check.name,
                "outcome": check.outcome.value,
                "sentence": check.sentence,
                "finding": optional_finding(check.finding),
            }
            for check in report.checks
        ],
        "unread": report.unread,
        "connectors": [_connector(one, now) for one in report.connectors],
        "bots_without_connector": [
            {
                "id": one.bot.id,
                "name": one.bot.name,
                "account": one.bot.account,
                "connector": one.bot.connector,
                "finding": finding(one.finding),
            }
            for one in report.homeless
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2).decode()


def _connector(one: Examined, now: Callable[[], datetime]) -> JsonObject:
    return {
        "id": one.connector.id,
        "name": one.connector.name,
        "account": one.connector.account,
        "exchange": one.connector.exchange,
        "base_url": one.connector.base_url,
        "key_last4": one.connector.key_last4,
        "bots": [{"id": bot.id, "name": bot.name, "pair": bot.symbol} for bot in one.bots],
        "ladder": ladder(one.ladder),
        "ends": optional_finding(one.ends),
        "outside": [_outside(again, one.target, now()) for again in one.outside],
        "bundle": bundle(one),
    }


def _outside(again: Outside, target: Target, now: datetime) -> JsonObject:
    request = request_of(again.rungs[0], target, now) if again.refused is None else None
    return {
        "rungs": [rung.value for rung in again.rungs],
        "method": again.method,
        "endpoint": again.endpoint,
        "took_ms": again.took_ms,
        "http_status": again.http_status,
        "code": again.code,
        "text": again.text,
        "error": again.error,
        "finding": optional_finding(again.refused),
        "same": again.same,
        "signed_at": None if request is None else request.signed_at,
        "curl": None if request is None else curl(request, target),
    }
