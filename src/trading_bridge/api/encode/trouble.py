"""balance-debug in JSON, with its summary in words."""

from datetime import datetime
from typing import TYPE_CHECKING

from trading_bridge.api.encode.figures import balance_and_volume
from trading_bridge.api.encode.findings import finding, optional_finding
from trading_bridge.api.encode.ladder import optional_ladder
from trading_bridge.api.encode.values import JsonObject, evidence
from trading_bridge.core.client import Connector
from trading_bridge.core.known import Ok
from trading_bridge.diagnosis.catalogue import describe
from trading_bridge.services.trouble import BalancePath

if TYPE_CHECKING:
    from trading_bridge.accounts.session_facts import SessionFacts


CALLS_SHOWN = 10


def balance_debug(path: BalancePath, now: datetime) -> JsonObject:
    bot = path.figures.bot
    return {
        "bot_id": bot.id,
        "account": bot.account,
        "connector": bot.connector,
        "looked_up": path.looked_up,
        "connectors_in_storage": [_stored(one, path.key_states[one.id]) for one in path.stored],
        "sessions": [_session(one) for one in path.sessions],
        "match": {
            "matched": path.match.connector_id is not None,
            "rule": path.match.rule,
            "connector_id": path.match.connector_id,
            "finding": optional_finding(path.match.finding),
        },
        "ladder": optional_ladder(path.ladder),
        "last_read_error": optional_finding(path.last_read_error),
        "balance": balance_and_volume(path.figures, now),
        "diagnosis": _diagnosis(path),
    }


def _diagnosis(path: BalancePath) -> str:
    error = path.match.finding or (None if path.ladder is None else path.ladder.diagnosis) or path.last_read_error
    if path.match.connector_id is None:
        opening = f"No connector of {path.figures.bot.account} matches {path.looked_up}."
    else:
        opening = f"The connector matches by {path.match.rule}."
    if error is None:
        known = path.figures.balance
        return f"{opening} Its last read was answered." if isinstance(known, Ok) else opening
    text = describe(error)
    return f"{opening} {_sentence(text.title)} {text.fix}".rstrip()


def _sentence(title: str) -> str:
    return f"{title[:1].upper()}{title[1:]}."


def _stored(one: Connector, key_state: str) -> JsonObject:
    return {
        "id": one.id,
        "name": one.name,
        "exchange": one.exchange,
        "key_state": key_state,
        "key_last4": one.key_last4,
        "key_label": one.key_label,
        "key_set_at": one.key_set_at,
        "key_set_by": one.key_set_by,
        "key_last_success_at": one.key_last_success_at,
        "has_proxy": one.proxy_url is not None,
        "ipv4_only": one.ipv4_only,
        "timeout_s": one.timeout_s,
        "updated_at": one.updated_at,
    }


def _session(one: "SessionFacts") -> JsonObject:
    return {
        "key": one.key,
        "connector_id": one.connector_id,
        "exchange": one.exchange,
        "host_label": one.host_label,
        "last_read": None if one.as_of is None else {"as_of": one.as_of, "request_id": one.request_id},
        "last_finding": None if one.finding is None else finding(one.finding),
        "calls": [{**evidence(call.evidence), "finding_code": call.finding_code} for call in one.calls[-CALLS_SHOWN:]],
    }
