"""What the life of an exchange, and how far it is proved here, mean for a connector to it."""

from datetime import UTC, date, datetime, time, timedelta

from trading_bridge.accounts.host import is_sandbox
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.exchanges.description import Certification, Life, LifeState
from trading_bridge.exchanges.registry import exchange_info

#: the last day to withdraw is critical when it is so near
CRITICAL_WITHIN = timedelta(days=30)


def life_finding(exchange: str, base_url: str | None, now: datetime) -> Finding | None:
    """`exchange.closing`, or `exchange.closed` after the last day (UTC) to withdraw; None: the exchange lives on."""
    info = exchange_info(exchange)
    if info is None or info.life.state is LifeState.ACTIVE:
        return None
    life, today = info.life, now.astimezone(UTC).date()
    closed = life.state is LifeState.CLOSED or (life.withdraw_by is not None and today > life.withdraw_by)
    sandbox = is_sandbox(base_url)
    dates = {
        "no_new_orders_since": life.no_new_orders_since,
        "last_trading_day": life.last_trading_day,
        "withdraw_by": life.withdraw_by,
    }
    parameters = {name: day.isoformat() for name, day in dates.items() if day is not None}
    if life.source is not None:
        parameters["source"] = life.source
    return Finding(
        code="exchange.closed" if closed else "exchange.closing",
        severity=Severity.CRITICAL if not sandbox and (closed or _is_near(life, today)) else Severity.WARNING,
        since=_since(life, now, closed=closed),
        parameters={"exchange": info.label, **parameters} | ({"stage": "sandbox"} if sandbox else {}),
    )


def bars_bots(exchange: str, base_url: str | None, now: datetime) -> Finding | None:
    """Why bots may not be made and started there: it ends, or nothing of it is proved; None: they may.

    The sandbox takes them all."""
    info = exchange_info(exchange)
    if info is None or is_sandbox(base_url):
        return None
    ends = life_finding(exchange, base_url, now)
    if ends is None and info.certification is Certification.NONE:
        parameters = {"exchange": info.label}
        return Finding(code="exchange.uncertified", severity=Severity.WARNING, since=now, parameters=parameters)
    return ends


def _is_near(life: Life, today: date) -> bool:
    return life.withdraw_by is not None and life.withdraw_by - today < CRITICAL_WITHIN


def _since(life: Life, now: datetime, *, closed: bool) -> datetime:
    day = life.no_new_orders_since
    if closed:
        day = None if life.withdraw_by is None else life.withdraw_by + timedelta(days=1)
    return now if day is None else datetime.combine(day, time(), UTC)
