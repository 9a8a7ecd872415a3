"""Which order holds the money that an exchange says is not there (faults X19)."""

from dataclasses import replace

from trading_bridge.accounts.account import Account
from trading_bridge.accounts.locked import holds
from trading_bridge.core.amount import readable
from trading_bridge.core.finding import Finding
from trading_bridge.core.market import Market
from trading_bridge.core.order import Order, OrderReport, Side

INSUFFICIENT = "balance.insufficient"


def with_holder(finding: Finding, account: Account, market: Market, side: Side) -> Finding:
    """A refusal for lack of money names the open order of the account that holds most of it; others are as they were,
    and so is one where none holds any."""
    if finding.code != INSUFFICIENT:
        return finding
    currency = market.quote if side is Side.BUY else market.base
    holding = [(held, one) for one in _open(account) if one.side is side and (held := holds(one, currency)) > 0]
    told = {**finding.parameters, "currency": currency, "side": side.value}
    if not holding:
        return replace(finding, parameters=told)
    amount, largest = max(holding, key=lambda pair: pair[0])
    named = f"order {largest.exchange_order_id or largest.client_order_id} in {largest.symbol} with {readable(amount)}"
    return replace(finding, parameters={**told, "holder": named})


def _open(account: Account) -> tuple[Order | OrderReport, ...]:
    return (*account.tracker.live(), *account.foreign_orders())
