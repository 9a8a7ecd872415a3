"""BitMart as data: what ccxt's `describe` says of it, and its endpoints as ccxt's implicit methods.

Endpoints that move funds, and those of margin and sub-accounts, are left out on purpose.
"""

from typing import Any

from ccxt.base.decimal_to_precision import TICK_SIZE
from ccxt.base.types import Entry

from trading_bridge.exchanges.bitmart_errors import EXACT, NO_API_TRADING

DESCRIPTION: dict[str, Any] = {
    "id": "bitmart",
    "name": "BitMart",
    "countries": ["US", "CN", "HK", "KR"],
    "version": "v4",
    "rateLimit": 2000 / 12,  # of wallet and lists; the costs are relative to it
    "rateLimiterAlgorithm": "rollingWindow",
    "rollingWindowSize": 2000.0,
    "certified": False,
    "pro": False,
    "has": {
        "CORS": None,
        "spot": True,
        "margin": False,
        "swap": False,
        "future": False,
        "option": False,
        "cancelAllOrders": True,
        "cancelOrder": True,
        "cancelOrders": False,
        "createLimitOrder": True,
        "createMarketBuyOrderWithCost": True,
        "createMarketOrder": True,
        "createMarketOrderWithCost": False,
        "createMarketSellOrderWithCost": False,
        "createOrder": True,
        "createOrders": False,
        "createPostOnlyOrder": True,
        "createDepositAddress": False,
        "editOrder": False,
        "fetchBalance": True,
        "fetchCurrencies": False,
        "fetchDeposits": True,
        "fetchMarkets": True,
        "fetchMyTrades": True,
        "fetchOpenOrders": True,
        "fetchOrder": True,
        "fetchOrderBook": True,
        "fetchOrderTrades": False,
        "fetchTime": True,
        "fetchTrades": True,
        "fetchWithdrawals": True,
        "transfer": False,
        "withdraw": False,
    },
    "urls": {
        "api": {
            "public": "https://api-cloud.bitmart.com",
            "keyed": "https://api-cloud.bitmart.com",
            "private": "https://api-cloud.bitmart.com",
        },
        "www": "https://www.bitmart.com",
        "doc": "https://developer-pro.bitmart.com/en/spot/",
        "fees": "https://www.bitmart.com/fee/en",
    },
    #: `uid` is the memo: a text that its owner chose when the key was made
    "requiredCredentials": {"apiKey": True, "secret": True, "uid": True},
    "api": {
        "public": {
            "get": {
                "system/time": 0.6,
                "spot/v1/symbols/details": 1,
                "spot/quotation/v3/books": 0.8,
                "spot/quotation/v3/trades": 0.8,
            },
        },
        "keyed": {"get": {"spot/v1/wallet": 1, "account/v2/deposit-withdraw/history": 1.5}},
        "private": {
            "post": {
                "spot/v2/submit_order": 0.3,
                "spot/v3/cancel_order": 0.3,
                "spot/v4/cancel_all": 18,
                "spot/v4/query/order": 0.24,
                "spot/v4/query/client-order": 0.24,
                "spot/v4/query/open-orders": 1,
                "spot/v4/query/trades": 1,
                "spot/v4/query/order-trades": 1,
            },
        },
    },
    "fees": {"trading": {"tierBased": True, "percentage": True, "feeSide": "quote"}},
    "precisionMode": TICK_SIZE,
    "exceptions": {"exact": EXACT, "broad": NO_API_TRADING},
    "options": {"createMarketBuyOrderRequiresPrice": True},
}


class ImplicitAPI:
    public_get_system_time = publicGetSystemTime = Entry("system/time", "public", "GET", {"cost": 0.6})
    public_get_spot_v1_symbols_details = publicGetSpotV1SymbolsDetails = Entry(
        "spot/v1/symbols/details", "public", "GET", {"cost": 1}
    )
    public_get_spot_quotation_v3_books = publicGetSpotQuotationV3Books = Entry(
        "spot/quotation/v3/books", "public", "GET", {"cost": 0.8}
    )
    public_get_spot_quotation_v3_trades = publicGetSpotQuotationV3Trades = Entry(
        "spot/quotation/v3/trades", "public", "GET", {"cost": 0.8}
    )
    keyed_get_spot_v1_wallet = keyedGetSpotV1Wallet = Entry("spot/v1/wallet", "keyed", "GET", {"cost": 1})
    keyed_get_account_v2_deposit_withdraw_history = keyedGetAccountV2DepositWithdrawHistory = Entry(
        "account/v2/deposit-withdraw/history", "keyed", "GET", {"cost": 1.5}
    )
    private_post_spot_v2_submit_order = privatePostSpotV2SubmitOrder = Entry(
        "spot/v2/submit_order", "private", "POST", {"cost": 0.3}
    )
    private_post_spot_v3_cancel_order = privatePostSpotV3CancelOrder = Entry(
        "spot/v3/cancel_order", "private", "POST", {"cost": 0.3}
    )
    private_post_spot_v4_cancel_all = privatePostSpotV4CancelAll = Entry(
        "spot/v4/cancel_all", "private", "POST", {"cost": 18}
    )
    private_post_spot_v4_query_order = privatePostSpotV4QueryOrder = Entry(
        "spot/v4/query/order", "private", "POST", {"cost": 0.24}
    )
    private_post_spot_v4_query_client_order = privatePostSpotV4QueryClientOrder = Entry(
        "spot/v4/query/client-order", "private", "POST", {"cost": 0.24}
    )
    private_post_spot_v4_query_open_orders = privatePostSpotV4QueryOpenOrders = Entry(
        "spot/v4/query/open-orders", "private", "POST", {"cost": 1}
    )
    private_post_spot_v4_query_trades = privatePostSpotV4QueryTrades = Entry(
        "spot/v4/query/trades", "private", "POST", {"cost": 1}
    )
    private_post_spot_v4_query_order_trades = privatePostSpotV4QueryOrderTrades = Entry(
        "spot/v4/query/order-trades", "private", "POST", {"cost": 1}
    )
