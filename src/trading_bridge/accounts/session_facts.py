"""What pages show of a session."""

from dataclasses import dataclass
from datetime import datetime

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.host import host_label
from trading_bridge.core.finding import Finding
from trading_bridge.exchanges.session import CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    key: str
    connector_id: str
    exchange: str
    host_label: str | None
    as_of: datetime | None
    #: the exchange's id of the answer that the balance came from
    request_id: str | None
    finding: Finding | None
    calls: tuple[CallRecord, ...]


def facts_of(key: str, account: Account) -> SessionFacts:
    """`key` is the connector's name."""
    good = account.reader.good
    evidence = None if good is None else good.evidence
    return SessionFacts(
        key=key,
        connector_id=account.connector.id,
        exchange=account.connector.exchange,
        host_label=host_label(account.connector.base_url),
        as_of=None if good is None else good.as_of,
        request_id=None if evidence is None else evidence.request_id,
        finding=account.reader.failure,
        calls=tuple(account.session.calls),
    )
