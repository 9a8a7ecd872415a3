"""Conservation, to the last digit (I16): what an account got, its fills and fees are what the exchange has now."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from tests.simulation.loop import Life
from tests.simulation.oracle.healed import lasting
from tests.simulation.oracle.invariant import Facts, Invariant
from tests.simulation.oracle.purses import held_now
from tests.simulation.oracle.standing import Standing
from trading_bridge.core.order import Side
from trading_bridge.sandbox.directory import MARKET_MAKER, MARKET_TAKER
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade
from trading_bridge.sandbox.rules import ATOM_DECIMALS
from trading_bridge.storage.journal_group import UNNAMED_ACCOUNT

#: a movement below this share of what is held is booked nowhere (docs/architecture.md: dust, 0.001 %)
DUST = Decimal("0.00001")
#: the clock by which a server tells how long ago it read the balance that its books begin with may be so much off
READ_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class _ByHand:
    """What a trade that people made at the exchange moved."""

    account: str
    exchange_order_id: str
    time_ms: int
    moved: Mapping[str, Decimal]


class Conserved(Invariant):
    id = "I16"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        #: account, currency -> all that came less all that left
        self._moved: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        #: of it what came or left since its books were opened; before that it is their beginning
        self._later: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        #: account, currency -> what was booked as moved when the books were opened
        self._before: dict[tuple[str, str], Decimal] = {}
        #: account, currency -> when how much came or left, newest first
        self._recent: dict[tuple[str, str], deque[tuple[float, Decimal]]] = defaultdict(lambda: deque(maxlen=20))
        #: account, currency -> sums of what moved last before its books were opened; the balance they began with was
        #: read a while before that, and has some of it or none
        self._maybe: dict[tuple[str, str], tuple[Decimal, ...]] = {}
        self._opened: dict[str, None] = {}
        #: of orders that are not the platform's
        self._by_hand: list[_ByHand] = []
        self._standing = Standing(facts)

    def traded(self, trade: SandboxTrade, taker: SandboxOrder, maker: SandboxOrder) -> None:
        rules = self.world.exchange.engine.rules(trade.symbol)
        for order in (taker, maker):
            if order.account in (MARKET_MAKER, MARKET_TAKER) or self._standing.ours(order.client_order_id):
                continue
            buys = order.side is Side.BUY
            base, quote = trade.lots * rules.atoms_per_lot, trade.price * trade.lots * rules.atoms_per_unit
            moved = {
                rules.base: base - trade.buyer_fee if buys else -base,
                rules.quote: -quote if buys else quote - trade.seller_fee,
            }
            amounts = {currency: Decimal(atoms).scaleb(-ATOM_DECIMALS) for currency, atoms in moved.items()}
            self._by_hand.append(_ByHand(order.account, str(order.id), trade.time_ms, amounts))

    def transferred(self, account: str, currency: str, atoms: int) -> None:
        amount = Decimal(atoms).scaleb(-ATOM_DECIMALS)
        self._moved[account, currency] += amount
        self._recent[account, currency].appendleft((self.world.loop.time(), amount))
        if account in self._opened:
            self._later[account, currency] += amount

    def logged(self, life: Life | None, event: Mapping[str, Any]) -> None:
        if event.get("event") != "books opened":
            return
        for account, connectors in self._accounts().items():
            account_id = str(self.world.exchange.engine.directory.account(account).account_id)
            #: an exchange that names no account has one for each connector
            if event["exchange_account"] in (account_id, *(f"{UNNAMED_ACCOUNT}{one}" for one in connectors)):
                self._opened[account] = None
                for of in [of for of in self._later if of[0] == account]:
                    del self._later[of]
                for currency, amount in self._booked(account).items():
                    self._before[account, currency] = amount
                since_s = self.world.loop.time() - event["read_s_before"] - READ_WITHIN_S
                for of in [of for of in self._recent if of[0] == account]:
                    self._maybe[of] = tuple(accumulate(moved for at_s, moved in self._recent[of] if at_s >= since_s))

    async def at_end(self) -> None:
        for look in (self._fills, self._totals, self._transfers):
            left = await lasting(self, look)
            if left:
                self.broken("; ".join(left))
                return

    def _accounts(self) -> dict[str, list[str]]:
        """Account -> ids of the connectors that open it."""
        accounts: dict[str, list[str]] = {}
        for member in self.facts.people.members:
            accounts.setdefault(member.plan.exchange_account, []).extend(member.connectors.values())
        return accounts

    def _fills(self) -> list[str]:
        """Of each account and currency where the sum is another than the exchange's balance."""
        wrong = []
        for account, connectors in self._accounts().items():
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for currency, amount in self._booked(account, unstated=True).items():
                sums[currency] += amount
            for currency, amount in self._past(account).items():
                sums[currency] += amount
            silent: set[str] = set()
            for connector_id in connectors:
                query = "SELECT * FROM trade_logs WHERE connector_id = ?"
                for row in self.facts.stored.rows(query, connector_id):
                    base, _, quote = row["symbol"].partition("/")
                    sign = 1 if row["side"] == "buy" else -1
                    sums[base] += sign * Decimal(row["amount"])
                    sums[quote] -= sign * Decimal(row["cost"])
                    if row["fee"] is not None:
                        sums[row["fee_currency"]] -= Decimal(row["fee"])
                    else:
                        silent |= {base, quote}
            for (of, currency), moved in self._moved.items():
                if of != account:
                    continue
                held = held_now(self.world, account, currency)
                off = moved + sums[currency] - held.free - held.used
                #: fees that the exchange did not state are booked once they are more than dust (X23)
                if off != 0 if currency not in silent else abs(off) > DUST * (held.free + held.used):
                    wrong.append(f"{account} has {off} {currency} less than it got and its stored fills moved")
        return wrong

    def _totals(self) -> list[str]:
        """Of each bot where the sums over days are not those of its fills."""
        told: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.facts.stored.rows("SELECT bot_id, volume FROM bot_day_totals"):
            told[row["bot_id"]] += Decimal(row["volume"])
        for row in self.facts.stored.rows("SELECT bot_id, cost FROM trade_logs WHERE bot_id IS NOT NULL"):
            told[row["bot_id"]] -= Decimal(row["cost"])
        return [f"the volume of {bot_id} is {off} more than its fills" for bot_id, off in told.items() if off != 0]

    def _transfers(self) -> list[str]:
        """Of each account and currency where what was booked as moved is not what moved."""
        wrong = []
        for account in self._opened:
            booked = self._booked(account)
            for currency, before in ((of[1], before) for of, before in self._before.items() if of[0] == account):
                booked[currency] -= before
            past = self._past(account)
            for currency in dict.fromkeys([*booked, *(of[1] for of in self._later if of[0] == account)]):
                held = held_now(self.world, account, currency)
                off = booked[currency] - self._later[account, currency]
                maybe = (Decimal(0), past[currency], *self._maybe.get((account, currency), ()))
                off = min((off - one for one in maybe), key=abs)
                if abs(off) > DUST * (held.free + held.used + abs(booked[currency])):
                    wrong.append(f"{booked[currency]} {currency} is booked as moved at {account}, {off} too much")
        return wrong

    def _past(self, account: str) -> dict[str, Decimal]:
        """What people's trades moved that are stored nowhere: what happened before the key was entered, by a clock that
        may be ahead (K4, T2), is the account's past, of which nothing is asked; it is booked as money that moved. Of
        several keys of the account whichever was entered first asks."""
        past: dict[str, Decimal] = defaultdict(Decimal)
        query = "SELECT coalesce(key_set_at, created_at) AS since FROM connectors WHERE id = ? AND deleted_at IS NULL"
        known = "SELECT 1 FROM trade_logs WHERE connector_id = ? AND exchange_order_id = ?"
        keys = self._accounts()[account]
        since = min((row["since"] for key in keys for row in self.facts.stored.rows(query, key)), default="")
        for one in self._by_hand:
            at = datetime.fromtimestamp(one.time_ms // 1000, UTC).isoformat(" ", "microseconds")
            if one.account != account or at >= since:
                continue
            if not any(self.facts.stored.rows(known, key, one.exchange_order_id) for key in keys):
                for currency, amount in one.moved.items():
                    past[currency] += amount
        return past

    def _booked(self, account: str, *, unstated: bool = False) -> dict[str, Decimal]:
        """As moved, or as fees that the exchange did not state."""
        booked: dict[str, Decimal] = defaultdict(Decimal)
        for connector_id in self._accounts()[account]:
            for row in self.facts.stored.rows("SELECT * FROM transfers WHERE connector_id = ?", connector_id):
                if unstated == (row["note"] or "").startswith("The exchange stated no fee"):
                    booked[row["currency"]] += Decimal(row["amount"])
        return booked
