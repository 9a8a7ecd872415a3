"""The exchange itself: orders, matching, money. Every call is synchronous and whole; dialects and order flow share it.

A call changes memory at once and the file at the next `commit`. Whoever answers a client commits first, so an answer
never leaves before its own and all earlier effects are stored; order flow commits in batches. After a restart the
exchange comes back as from a halt: what market accounts had resting is gone, other orders keep their queue places.
"""

from datetime import UTC, datetime, timedelta

from trading_bridge.clock import Clock, Entropy
from trading_bridge.core.market import Lots, Ticks
from trading_bridge.core.order import OrderState, Side, TimeInForce
from trading_bridge.errors import SettingsError
from trading_bridge.sandbox.accounts import Account, AccountKind, EntryKind, Transfer
from trading_bridge.sandbox.announced import Announcements
from trading_bridge.sandbox.candles import with_trade
from trading_bridge.sandbox.directory import Directory
from trading_bridge.sandbox.ledger import Ledger
from trading_bridge.sandbox.listing import Listing, fee_of, fill_of, is_too_small, sized, taking_of, to_hold
from trading_bridge.sandbox.matching import Book, Match, SelfTrade, Taking
from trading_bridge.sandbox.orders import SandboxOrder, SandboxTrade, Terms
from trading_bridge.sandbox.rules import MarketRules, Refusal, RefusalCode
from trading_bridge.sandbox.store import Store

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_END_OF_TIME_MS = 2**62
#: public trades that are kept at hand, per market
TRADES_KEPT = 100
FIRST_ORDER_ID = 1_722_183_748_419_690
_PLAIN = Terms()


class Engine:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        markets: tuple[MarketRules, ...],
        *,
        first_order_id: int = FIRST_ORDER_ID,
    ) -> None:
        """`first_order_id` counts for an empty store; ids rise from there."""
        #: queries read it; whoever writes to it goes through the engine, or logs a request
        self.store = store
        self._clock = clock
        self._entropy = entropy
        self._counters = store.counters
        self._counters["order"] = self._counters["order"] or first_order_id - 1
        #: of order flow: never stored, never seen outside
        self._last_flow_id = 0
        self.ledger = Ledger(store)
        self.announced = Announcements(self.now_ms)
        self.directory = Directory(store, entropy, self.now_ms())
        self._listings = {
            rules.symbol: Listing(
                rules,
                store.last_trades(rules.symbol, TRADES_KEPT),
                store.history.candle_before(rules.symbol, _END_OF_TIME_MS),
            )
            for rules in markets
        }
        self._open: dict[str, dict[int, SandboxOrder]] = {}  # account -> order id -> open order, oldest first
        for order in store.open_orders():
            self._restore(order)
        self.commit()

    @property
    def sequence(self) -> int:
        """Number of the last event that changed the ledger."""
        return self.ledger.sequence

    @property
    def markets(self) -> tuple[MarketRules, ...]:
        return tuple(listing.rules for listing in self._listings.values())

    def now_ms(self) -> int:
        return (self._clock.now() - _EPOCH) // _MILLISECOND

    def rules(self, symbol: str) -> MarketRules:
        return self._listings[symbol].rules

    def book(self, symbol: str) -> Book[SandboxOrder]:
        """To be read, not changed."""
        return self._listings[symbol].book

    def public_trades(self, symbol: str, limit: int) -> list[SandboxTrade]:
        """Newest first, at most `TRADES_KEPT`."""
        trades = self._listings[symbol].trades
        return [trades[-place] for place in range(1, min(limit, len(trades)) + 1)]

    def newest_number(self, symbol: str) -> int:
        """Of the market's last trade; 0: it had none."""
        trades = self._listings[symbol].trades
        return trades[-1].number if trades else 0

    def commit(self) -> None:
        """All effects so far are stored when this returns, and told to who listens."""
        self.store.commit()
        self.announced.deliver()

    # -- orders

    def place(
        self,
        account: str,
        symbol: str,
        side: Side,
        *,
        price: Ticks | None,
        lots: Lots | None = None,
        budget: int | None = None,
        time_in_force: TimeInForce = TimeInForce.GTC,
        post_only: bool = False,
        client_order_id: str | None = None,
        self_trade: SelfTrade = SelfTrade.NONE,
        terms: Terms = _PLAIN,
    ) -> SandboxOrder | Refusal:
        """Without a price a market order, of `lots` or for a `budget` of ticks x lots.

        What it can take it takes at once. What then remains rests, or is cancelled (IOC, market orders). A post-only
        order that would take, and a FOK that cannot fill, are accepted and cancelled at once.
        """
        owner = self.directory.account(account)
        listing = self._listings[symbol]
        regular = owner.kind is AccountKind.REGULAR
        if regular:
            client_order_id = client_order_id or self._entropy.token(32)
        now_ms = self.now_ms()
        order = SandboxOrder(
            id=0,  # it has its number when it is accepted
            account=account,
            client_order_id=client_order_id or "",
            symbol=symbol,
            side=side,
            price=price or Ticks(0),
            lots=lots or Lots(0),
            budget=budget or 0,
            remaining=lots or Lots(0),
            filled=Lots(0),
            filled_cost=0,
            state=OrderState.NEW,
            is_market=price is None,
            post_only=post_only,
            time_in_force=time_in_force,
            created_ms=now_ms,
            traded_ms=None,
            updated_ms=now_ms,
            self_trade=self_trade,
        )
        if regular:
            refused = self._refused(owner, listing, order, terms)
            if refused is not None:
                return Refusal(refused)
        order.id = self._next_id(regular)
        if regular:
            self.store.order(order)
            self.announced.accepted(order)
        if not order.is_market and self._cannot_stand(listing.book, order):
            order.state = OrderState.CANCELED
            self.announced.ended(order, None)
            return order
        if regular:
            self._hold(owner, order, self._held(order))
        taking = taking_of(listing.book, order)
        listing.book.take(side, taking)
        for match in taking.matches:
            self._settle(listing, order, match)
        self._prevent(listing, order, taking)
        self._stand_or_end(listing, owner, order, ends=taking.taker_ends)
        return order

    def cancel(self, order: SandboxOrder, request_id: str | None = None) -> bool:
        """False: it was not open any more. `request_id` is the client's name of this request."""
        if not order.is_open:
            return False
        self._listings[order.symbol].book.remove(order)
        self._end(self.directory.account(order.account), order, OrderState.CANCELED, request_id)
        return True

    def cancel_all(self, account: str, symbol: str | None = None, request_id: str | None = None) -> list[SandboxOrder]:
        """The orders that were open, oldest first."""
        found = self.open_orders(account, symbol)
        for order in found:
            self.cancel(order, request_id)
        return found

    def reduce(self, order: SandboxOrder, remaining: Lots) -> None:
        """Less at the same queue place; `remaining` is at least one lot and at most what it is now."""
        by = order.remaining - remaining
        held = self._held(order)
        self._listings[order.symbol].book.reduce(order, remaining)
        order.lots = Lots(order.lots - by)
        order.updated_ms = self.now_ms()
        owner = self.directory.account(order.account)
        if owner.kind is AccountKind.REGULAR:
            self.store.order(order)
            self._hold(owner, order, self._held(order) - held)

    def open_orders(self, account: str, symbol: str | None = None) -> list[SandboxOrder]:
        """Oldest first."""
        orders = self._open.get(account, {}).values()
        return [order for order in orders if symbol is None or order.symbol == symbol]

    def order(self, account: str, order_id: int) -> SandboxOrder | None:
        """Open or closed; None: this account has no such order."""
        found = self._open.get(account, {}).get(order_id) or self.store.order_by_id(order_id)
        return found if found is not None and found.account == account else None

    def order_by_client_id(self, account: str, client_order_id: str) -> SandboxOrder | None:
        found = self.store.order_by_client_id(account, client_order_id)
        return found and self._open.get(account, {}).get(found.id, found)

    # -- money from outside

    def deposit(self, account: str, currency: str, atoms: int) -> Transfer:
        return self._transfer(self.directory.account(account), currency, EntryKind.DEPOSIT, atoms)

    def withdraw(self, account: str, currency: str, atoms: int) -> Transfer | Refusal:
        owner = self.directory.account(account)
        if owner.purse(currency).free < atoms:
            return Refusal(RefusalCode.INSUFFICIENT_FUNDS)
        return self._transfer(owner, currency, EntryKind.WITHDRAWAL, -atoms)

    # -- inside

    def _refused(self, owner: Account, listing: Listing, order: SandboxOrder, terms: Terms) -> RefusalCode | None:
        if not listing.rules.open:
            return RefusalCode.MARKET_CLOSED
        if is_too_small(listing.rules, order):
            return RefusalCode.TOO_SMALL
        before = self.store.order_by_client_id(owner.name, order.client_order_id)
        if before is not None and (before.is_open or not terms.ids_return):
            return RefusalCode.DUPLICATE_ID
        limit = owner.active_order_limit
        if not order.is_market and limit is not None and len(self._open.get(owner.name, ())) >= limit:
            return RefusalCode.TOO_MANY_ORDERS
        sized(listing.book, order)
        if order.side is Side.SELL and not order.lots:
            return RefusalCode.TOO_SMALL
        currency, atoms = to_hold(listing.rules, order)
        if owner.purse(currency).free < atoms:
            return RefusalCode.INSUFFICIENT_FUNDS
        if order.post_only and terms.refuses_taking and listing.book.would_take(order.side, order.price):
            return RefusalCode.WOULD_TAKE
        return None

    def _cannot_stand(self, book: Book[SandboxOrder], order: SandboxOrder) -> bool:
        if order.post_only:
            return book.would_take(order.side, order.price)
        if order.time_in_force is TimeInForce.FOK:
            return taking_of(book, order).lots < order.remaining
        return False

    def _settle(self, listing: Listing, taker: SandboxOrder, match: Match[SandboxOrder]) -> None:
        maker, price, lots = match
        rules = listing.rules
        now_ms = self.now_ms()
        buy, sell = (taker, maker) if taker.side is Side.BUY else (maker, taker)
        buyer, seller = self.directory.account(buy.account), self.directory.account(sell.account)
        base, quote = lots * rules.atoms_per_lot, price * lots * rules.atoms_per_unit
        if buyer.kind is AccountKind.MARKET:
            self.ledger.supply(buyer, rules.quote, quote, now_ms)
        if seller.kind is AccountKind.MARKET:
            self.ledger.supply(seller, rules.base, base, now_ms)
        buyer_fee = fee_of(rules, base, buyer, is_maker=buy is maker)
        seller_fee = fee_of(rules, quote, seller, is_maker=sell is maker)
        sequence = self.ledger.begin(now_ms)
        listing.last_number += 1
        match_id = self._next("match")
        house = self.directory.fees
        held_quote = quote if buy.is_market else buy.price * lots * rules.atoms_per_unit
        self._pay(buyer, rules.quote, match_id, price=quote, held=held_quote)
        self._receive(buyer, house, rules.base, match_id, amount=base, fee=buyer_fee)
        self._pay(seller, rules.base, match_id, price=base, held=base)
        self._receive(seller, house, rules.quote, match_id, amount=quote, fee=seller_fee)
        trade = SandboxTrade(
            sequence,
            match_id,
            listing.last_number,
            rules.symbol,
            price,
            lots,
            taker.side,
            buyer.name,
            seller.name,
            buyer_fee,
            seller_fee,
            now_ms,
        )
        listing.trades.append(trade)
        listing.candle = with_trade(listing.candle, trade)
        self.store.trade(trade)
        self.store.candle(listing.candle)
        if taker.lots:
            taker.remaining = Lots(taker.remaining - lots)
        for order, owner, fee in ((buy, buyer, buyer_fee), (sell, seller, seller_fee)):
            order.filled = Lots(order.filled + lots)
            order.filled_cost += price * lots
            order.traded_ms = order.updated_ms = now_ms
            gone = order is maker and maker.remaining == 0
            order.state = OrderState.FILLED if gone else OrderState.PARTIALLY_FILLED
            if owner.kind is AccountKind.REGULAR:
                fill = fill_of(trade, order, fee, is_maker=order is maker)
                self.store.order(order)
                self.store.fill(fill)
                self.announced.traded(order, fill)
        if maker.remaining == 0:
            self._forget(maker)

    def _pay(self, account: Account, currency: str, match_id: int, *, price: int, held: int) -> None:
        """Out of what the order held; what it held beyond the price is free again."""
        if account.kind is AccountKind.REGULAR:
            self.ledger.post(account, currency, EntryKind.TRADE, match_id, free=held - price, used=-held)
        else:
            self.ledger.post(account, currency, EntryKind.TRADE, match_id, free=-price)

    def _receive(
        self, account: Account, house: Account, currency: str, match_id: int, *, amount: int, fee: int
    ) -> None:
        self.ledger.post(account, currency, EntryKind.TRADE, match_id, free=amount)
        if fee:
            self.ledger.post(account, currency, EntryKind.FEE, match_id, free=-fee)
            self.ledger.post(house, currency, EntryKind.FEE, match_id, free=fee)

    def _prevent(self, listing: Listing, taker: SandboxOrder, taking: Taking[SandboxOrder]) -> None:
        """Ends what would have traded with its own account."""
        owner = self.directory.account(taker.account)
        for maker in taking.own_met:
            number = self._next("prevented")
            if taker.self_trade.ends_maker:
                maker.prevented, maker.prevented_id = maker.remaining, number
                listing.book.remove(maker)
                self._end(owner, maker, OrderState.CANCELED)
            if taker.self_trade.ends_taker:
                rest = taker.remaining if taker.lots else (taker.budget - taker.filled_cost) // maker.price
                taker.prevented, taker.prevented_id = Lots(rest), number

    def _stand_or_end(self, listing: Listing, owner: Account, order: SandboxOrder, *, ends: bool) -> None:
        if ends:
            self._end(owner, order, OrderState.CANCELED)
        elif not order.lots:
            # filled when what is left of the budget buys no further lot, cancelled when the book ran out
            best = listing.book.best(order.side.opposite)
            spent = order.filled > 0 and (best is not None or order.filled_cost == order.budget)
            self._end(owner, order, OrderState.FILLED if spent else OrderState.CANCELED)
        elif order.remaining == 0:
            self._end(owner, order, OrderState.FILLED)
        elif order.is_market or order.time_in_force is TimeInForce.IOC:
            self._end(owner, order, OrderState.CANCELED)
        else:
            listing.book.add(order)
            self._open.setdefault(order.account, {})[order.id] = order

    def _end(self, owner: Account, order: SandboxOrder, state: OrderState, request_id: str | None = None) -> None:
        if owner.kind is AccountKind.REGULAR:
            self.store.order(order)
            self._hold(owner, order, -self._held(order))
        order.state = state
        order.updated_ms = self.now_ms()
        self._forget(order)
        if state is OrderState.FILLED:
            self.announced.filled(order)
        else:
            self.announced.ended(order, request_id)

    def _forget(self, order: SandboxOrder) -> None:
        self._open.get(order.account, {}).pop(order.id, None)

    def _held(self, order: SandboxOrder) -> int:
        return to_hold(self._listings[order.symbol].rules, order)[1]

    def _hold(self, owner: Account, order: SandboxOrder, atoms: int) -> None:
        """From free to used; a negative number of atoms goes back."""
        if not atoms:
            return
        rules = self._listings[order.symbol].rules
        currency = rules.quote if order.side is Side.BUY else rules.base
        kind = EntryKind.HOLD if atoms > 0 else EntryKind.RELEASE
        self.ledger.begin(self.now_ms())
        self.ledger.post(owner, currency, kind, order.id, free=-atoms, used=atoms)

    def _transfer(self, owner: Account, currency: str, kind: EntryKind, atoms: int) -> Transfer:
        transfer = Transfer(self._next("transfer"), owner.name, currency, atoms, self.now_ms())
        self.ledger.begin(transfer.time_ms)
        self.ledger.post(owner, currency, kind, transfer.id, free=atoms)
        self.store.transfer(transfer)
        self.announced.moved(transfer)
        return transfer

    def _restore(self, order: SandboxOrder) -> None:
        listing = self._listings.get(order.symbol)
        if listing is None:
            raise SettingsError(
                "sandbox.market_missing", f"order {order.id} is open on {order.symbol}, which is not listed"
            )
        rules = listing.rules
        purse = self.directory.account(order.account).purse(rules.quote if order.side is Side.BUY else rules.base)
        held = self._held(order)
        purse.free -= held
        purse.used += held
        listing.book.add(order)
        self._open.setdefault(order.account, {})[order.id] = order

    def _next_id(self, regular: bool) -> int:
        if regular:
            return self._next("order")
        self._last_flow_id -= 1
        return self._last_flow_id

    def _next(self, counter: str) -> int:
        self._counters[counter] += 1
        return self._counters[counter]
