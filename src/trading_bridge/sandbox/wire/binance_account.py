"""Binance's endpoints that read an account: balances, orders, own trades, rates, and money that came and went.

The reference does not hold `/sapi`: these answers have the fields that public clients read of them, and no more.
"""

from collections.abc import Mapping

from trading_bridge.sandbox.accounts import Account, Permission, Purse, Transfer
from trading_bridge.sandbox.day import DAY_MS
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.history import Window
from trading_bridge.sandbox.wire import binance_rows as rows
from trading_bridge.sandbox.wire.binance_call import Call, Route, costs
from trading_bridge.sandbox.wire.binance_errors import BinanceError, bad_combination
from trading_bridge.sandbox.wire.binance_faults import purses_elsewhere
from trading_bridge.sandbox.wire.binance_limits import OrderCounts
from trading_bridge.sandbox.wire.binance_params import Params
from trading_bridge.sandbox.wire.binance_public import PAGE, PAGE_MOST
from trading_bridge.sandbox.wire.binance_trading import found_order
from trading_bridge.sandbox.wire.fault_purses import purses_shown

_RECORDS_MS = 90 * DAY_MS
_CURRENCY = "^[A-Za-z0-9]{1,20}$"
#: of a deposit that was credited, of a withdrawal that is complete
_CREDITED, _COMPLETED = 1, 6


class AccountEndpoints:
    def __init__(self, engine: Engine, counts: OrderCounts) -> None:
        self._engine = engine
        self._counts = counts
        read = Permission.READ
        self.routes: Mapping[tuple[str, str], Route] = {
            ("GET", "/api/v3/account"): Route(read, costs(20), self._account),
            ("GET", "/api/v3/account/commission"): Route(read, costs(20), self._commission),
            ("GET", "/api/v3/rateLimit/order"): Route(read, costs(40), self._order_counts),
            ("GET", "/api/v3/order"): Route(read, costs(4), self._order),
            ("GET", "/api/v3/openOrders"): Route(read, _open_orders_weight, self._open_orders),
            ("GET", "/api/v3/allOrders"): Route(read, costs(20), self._all_orders),
            ("GET", "/api/v3/myTrades"): Route(read, _trades_weight, self._trades),
            ("GET", "/sapi/v1/capital/config/getall"): Route(read, costs(10), self._coins),
            ("GET", "/sapi/v1/capital/deposit/hisrec"): Route(read, costs(1), self._deposits),
            ("GET", "/sapi/v1/capital/withdraw/history"): Route(read, costs(1), self._withdrawals),
            ("GET", "/sapi/v1/account/apiRestrictions"): Route(read, costs(1), self._restrictions),
            ("GET", "/sapi/v1/asset/tradeFee"): Route(read, costs(1), self._fees),
            ("POST", "/sapi/v1/asset/get-funding-asset"): Route(read, costs(1), self._funding),
        }

    # -- the account

    def _account(self, call: Call) -> object:
        without_zeros = call.params.optional_truth("omitZeroBalances")
        call.params.done()
        account, market = call.account, call.markets.all()[0]
        balances = purses_shown(call.hits, self._purses(account))
        if without_zeros:
            balances = {name: purse for name, purse in balances.items() if purse.free or purse.used}
        rates = rows.rates(market)
        changed_ms = self._engine.store.history.changed_ms(account.name)
        return {
            "makerCommission": rows.rate_points(market.shown.maker_fee),
            "takerCommission": rows.rate_points(market.shown.taker_fee),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": rates,
            "canTrade": True,  # of the account, not of the key
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": account.created_ms if changed_ms is None else changed_ms,
            "accountType": "SPOT",
            "balances": rows.balance_rows(balances),
            "permissions": ["SPOT"],
            "uid": account.uid,
        }

    def _commission(self, call: Call) -> object:
        market = call.markets.asked(call.params)
        call.params.done()
        return {
            "symbol": market.code,
            "standardCommission": rows.rates(market),
            "specialCommission": rows.no_rates(),
            "taxCommission": rows.no_rates(),
            "discount": rows.no_discount(),
        }

    def _order_counts(self, call: Call) -> object:
        call.params.done()
        return [
            {
                "rateLimitType": "ORDERS",
                "interval": count.quota.words,
                "intervalNum": count.quota.count,
                "limit": count.quota.limit,
                "count": count.used(call.account.name),
            }
            for count in self._counts.counts
            if count.quota.limit is not None
        ]

    # -- orders and trades

    def _order(self, call: Call) -> object:
        market = call.markets.asked(call.params)
        order = found_order(self._engine, call, market)
        call.params.done()
        if order is None:
            raise BinanceError(-2013, "Order does not exist.")
        return rows.order_row(market, order)

    def _open_orders(self, call: Call) -> object:
        market = call.markets.optional(call.params)
        call.params.done()
        orders = self._engine.open_orders(call.account.name, None if market is None else market.own.symbol)
        return [rows.order_row(call.markets.of(order.symbol), order) for order in orders]

    def _all_orders(self, call: Call) -> object:
        market = call.markets.asked(call.params)
        window = _window(call.params, "orderId")
        call.params.done()
        orders = self._engine.store.history.orders(call.account.name, market.own.symbol, window)
        return [rows.order_row(market, order) for order in orders]

    def _trades(self, call: Call) -> object:
        market = call.markets.asked(call.params)
        order_id, window = call.params.optional_whole("orderId"), _window(call.params, "fromId")
        call.params.done()
        timed = window.since_ms is not None or window.until_ms is not None
        if timed and (order_id is not None or window.from_number is not None):
            raise bad_combination()
        fills = self._engine.store.history.fills(call.account.name, market.own.symbol, window, order_id=order_id)
        return [rows.fill_row(market, fill) for fill in fills]

    # -- /sapi

    def _coins(self, call: Call) -> object:
        call.params.done()
        purses = purses_shown(call.hits, self._purses(call.account))
        return [rows.coin_row(currency, purse) for currency, purse in purses.items()]

    def _deposits(self, call: Call) -> object:
        call.params.ignore("txId", "includeSource")
        return [rows.deposit_row(transfer) for transfer in self._transfers(call, deposits=True, status=_CREDITED)]

    def _withdrawals(self, call: Call) -> object:
        call.params.ignore("withdrawOrderId", "idList")
        return [rows.withdrawal_row(one) for one in self._transfers(call, deposits=False, status=_COMPLETED)]

    def _transfers(self, call: Call, *, deposits: bool, status: int) -> list[Transfer]:
        """Newest first, of 90 days where no time is given."""
        params, now_ms = call.params, self._engine.now_ms()
        currency, asked = params.optional_text("coin", _CURRENCY), params.optional_whole("status")
        since_ms, until_ms = params.optional_moment("startTime"), params.optional_moment("endTime")
        offset, limit = params.optional_whole("offset"), params.limit(PAGE_MOST, PAGE_MOST)
        params.done()
        until_ms = now_ms if until_ms is None else until_ms
        since_ms = until_ms - _RECORDS_MS if since_ms is None else since_ms
        if until_ms - since_ms > _RECORDS_MS:
            raise BinanceError(-1127, "More than 2160 hours between startTime and endTime.")
        if asked not in (None, status):
            return []
        skipped = 0 if offset is None else offset
        found = self._engine.store.transfers(
            call.account.name,
            currency and currency.upper(),
            deposits=deposits,
            since_ms=since_ms,
            until_ms=until_ms,
            limit=skipped + limit,
        )
        return found[skipped:]

    def _restrictions(self, call: Call) -> object:
        call.params.done()
        assert call.caller is not None
        key, created_ms = call.caller.key, call.caller.account.created_ms
        return {
            "ipRestrict": bool(key.addresses),
            "createTime": created_ms,
            "enableReading": Permission.READ in key.permissions,
            "enableWithdrawals": Permission.WITHDRAW in key.permissions,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": False,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enableSpotAndMarginTrading": Permission.TRADE in key.permissions,
            "enablePortfolioMarginTrading": False,
        }

    def _fees(self, call: Call) -> object:
        found, _ = call.markets.chosen(call.params)
        call.params.done()
        return [
            {
                "symbol": market.code,
                "makerCommission": rows.text(market.shown.maker_fee),
                "takerCommission": rows.text(market.shown.taker_fee),
            }
            for market in found
        ]

    def _funding(self, call: Call) -> object:
        currency = call.params.optional_text("asset", _CURRENCY)
        call.params.ignore("needBtcValuation")
        call.params.done()
        found = purses_elsewhere(call.hits, self._purses(call.account))
        return [rows.funding_row(name, purse) for name, purse in found.items() if currency in (None, name)]

    def _purses(self, account: Account) -> dict[str, Purse]:
        """Of every currency of the exchange, also where the account never had any."""
        traded = [name for rules in self._engine.markets for name in (rules.base, rules.quote)]
        return {name: account.purses.get(name, Purse()) for name in dict.fromkeys([*traded, *account.purses])}


def _window(params: Params, number: str) -> Window:
    window = Window(
        from_number=params.optional_whole(number),
        since_ms=params.optional_moment("startTime"),
        until_ms=params.optional_moment("endTime"),
        limit=params.limit(PAGE, PAGE_MOST),
    )
    if window.since_ms is not None and window.until_ms is not None and window.until_ms - window.since_ms > DAY_MS:
        raise BinanceError(-1127, "More than 24 hours between startTime and endTime.")
    return window


def _open_orders_weight(params: Params) -> int:
    return 6 if "symbol" in params else 80


def _trades_weight(params: Params) -> int:
    return 5 if "orderId" in params else 20
