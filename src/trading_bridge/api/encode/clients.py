"""Clients and their connectors."""

from datetime import datetime

from trading_bridge.api.encode.findings import finding, optional_finding
from trading_bridge.api.encode.ladder import ladder, optional_ladder
from trading_bridge.api.encode.values import JsonObject, age_seconds
from trading_bridge.core.amount import readable
from trading_bridge.core.balance import Balances
from trading_bridge.core.client import Client
from trading_bridge.core.known import Known, Ok, Unknown
from trading_bridge.diagnosis.ladder import Ladder
from trading_bridge.services.connectors import ConnectorFacts, Saved


def client(one: Client) -> JsonObject:
    return {"id": one.id, "name": one.name, "account": one.account, "created_at": one.created_at}


def connector(facts: ConnectorFacts) -> JsonObject:
    one = facts.connector
    return {
        "id": one.id,
        "client_id": one.client_id,
        "account": one.account,
        "name": one.name,
        "exchange": one.exchange,
        "key_last4": one.key_last4,
        "key_label": one.key_label,
        "key_set_at": one.key_set_at,
        "key_set_by": one.key_set_by,
        "key_last_success_at": one.key_last_success_at,
        "base_url": one.base_url,
        "has_proxy": one.proxy_url is not None,
        "ipv4_only": one.ipv4_only,
        "timeout_s": one.timeout_s,
        "host_label": facts.host_label,
        "exchange_account": one.exchange_account,
        "status": facts.status,
        "as_of": facts.as_of,
        "finding": optional_finding(facts.finding, facts.recorded),
        "ends": optional_finding(facts.ends),
        "manual_trading": one.manual_trading,
        "strangers": [finding(stranger) for stranger in facts.strangers],
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def saved(one: Saved) -> JsonObject:
    return {**connector(one.facts), "check": optional_ladder(one.ladder)}


def connector_check(connector_id: str, known: Known[Balances], found: Ladder, now: datetime) -> JsonObject:
    return {**connector_balances(connector_id, known, now), "ladder": ladder(found)}


def connector_balances(connector_id: str, known: Known[Balances], now: datetime) -> JsonObject:
    if isinstance(known, Unknown):
        return {
            "connector_id": connector_id,
            "status": "unknown",
            "balances": None,
            "wallet": None,
            "as_of": None,
            "age_seconds": None,
            "finding": finding(known.finding),
        }
    held = {
        currency: {"available": readable(balance.free), "locked": readable(balance.used)}
        for currency, balance in sorted(known.value.by_currency.items())
    }
    return {
        "connector_id": connector_id,
        "status": "ok" if isinstance(known, Ok) else "stale",
        "balances": held,
        "wallet": known.value.wallet,
        "as_of": known.as_of,
        "age_seconds": age_seconds(known.as_of, now),
        "finding": optional_finding(known.finding),
    }
