"""Coinstore as data: what ccxt's `describe` says of it, and its endpoints as ccxt's implicit methods.

Endpoints that move funds are left out on purpose.
"""

from typing import Any

from ccxt.base.decimal_to_precision import TICK_SIZE
from ccxt.base.errors import (
    AuthenticationError,
    BadRequest,
    BadSymbol,
    DuplicateOrderId,
    ExchangeError,
    ExchangeNotAvailable,
    InsufficientFunds,
    InvalidOrder,
    OrderNotFound,
    PermissionDenied,
    RateLimitExceeded,
)
from ccxt.base.types import Entry

DESCRIPTION: dict[str, Any] = {
    "id": "coinstore",
    "name": "Coinstore",
    "countries": ["SG"],
    "version": "v2",
    "rateLimit": 25,  # 120 calls in 3 s for one user
    "rateLimiterAlgorithm": "rollingWindow",
    "rollingWindowSize": 3000.0,
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
        "cancelOrders": True,
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
        "fetchOHLCV": True,
        "fetchOpenOrders": True,
        "fetchOrder": True,
        "fetchOrderBook": True,
        "fetchOrderTrades": False,
        "fetchTicker": True,
        "fetchTickers": True,
        "fetchTime": False,
        "fetchTrades": True,
        "fetchWithdrawals": True,
        "transfer": False,
        "withdraw": False,
    },
    "urls": {
        "api": {
            "public": "https://api.coinstore.com/api",
            "private": "https://api.coinstore.com/api",
        },
        "www": "https://www.coinstore.com",
        "doc": "https://coinstore-openapi.github.io/en/index.html",
        "fees": "https://www.coinstore.com",
    },
    "timeframes": {
        "1m": "1min",
        "5m": "5min",
        "15m": "15min",
        "30m": "30min",
        "1h": "60min",
        "4h": "4hour",
        "12h": "12hour",
        "1d": "1day",
        "1w": "1week",
    },
    "requiredCredentials": {"apiKey": True, "secret": True},
    "api": {
        "public": {
            "get": {
                "v1/market/depth/{symbol}": 1,
                "v1/market/kline/{symbol}": 1,
                "v1/market/tickers": 1,
                "v1/market/trade/{symbol}": 1,
            },
            "post": {"v2/public/config/spot/symbols": 1},
        },
        "private": {
            "get": {
                "trade/order/active": 1,
                "v2/trade/order/active": 1,
                "v2/trade/order/orderInfo": 1,
                "trade/match/accountMatches": 1,
            },
            "post": {
                "spot/accountList": 1,
                "trade/order/place": 1,
                "trade/order/cancel": 1,
                "trade/order/cancelAll": 1,
                "trade/order/cancelBatch": 1,
                "fi/v3/asset/deposit/record/list": 1,
                "fi/v3/asset/withdraw/record/list": 1,
            },
        },
    },
    "fees": {"trading": {"tierBased": False, "percentage": True, "feeSide": "get"}},
    "precisionMode": TICK_SIZE,
    "exceptions": {
        "exact": {
            "400": BadRequest,
            "401": AuthenticationError,  # signature-failed
            "429": RateLimitExceeded,
            "500": ExchangeNotAvailable,
            "1401": PermissionDenied,  # Unauthorized: address, permission or signature
            "3005": AuthenticationError,  # signature error
            "3011": BadSymbol,  # symbol not found
            "3012": PermissionDenied,  # part-trade-limit
            "3013": PermissionDenied,  # trade-limit
            "3014": PermissionDenied,  # user-trade-limit
            "3015": PermissionDenied,  # user-part-trade-limit
            "3103": OrderNotFound,  # order-not-found
            "3104": InvalidOrder,  # precision of ordQty
            "3106": InvalidOrder,  # precision of ordAmt
            "3111": DuplicateOrderId,  # duplicate-order
            "3113": InsufficientFunds,  # account-insufficient
            "6001": PermissionDenied,  # sub-user-operator-business-error
        },
        "broad": {},
    },
    "httpExceptions": {"400": BadRequest, "404": ExchangeError},
    "options": {"createMarketBuyOrderRequiresPrice": True},
}


class ImplicitAPI:
    public_post_v2_public_config_spot_symbols = publicPostV2PublicConfigSpotSymbols = Entry(
        "v2/public/config/spot/symbols", "public", "POST", {"cost": 1}
    )
    public_get_v1_market_tickers = publicGetV1MarketTickers = Entry("v1/market/tickers", "public", "GET", {"cost": 1})
    public_get_v1_market_depth_symbol = publicGetV1MarketDepthSymbol = Entry(
        "v1/market/depth/{symbol}", "public", "GET", {"cost": 1}
    )
    public_get_v1_market_kline_symbol = publicGetV1MarketKlineSymbol = Entry(
        "v1/market/kline/{symbol}", "public", "GET", {"cost": 1}
    )
    public_get_v1_market_trade_symbol = publicGetV1MarketTradeSymbol = Entry(
        "v1/market/trade/{symbol}", "public", "GET", {"cost": 1}
    )
    public_get_v1_ticker_price = publicGetV1TickerPrice = Entry("v1/ticker/price", "public", "GET", {"cost": 1})
    private_get_fi_v1_common_currency = privateGetFiV1CommonCurrency = Entry(
        "fi/v1/common/currency", "private", "GET", {"cost": 1}
    )
    private_get_trade_order_active = privateGetTradeOrderActive = Entry(
        "trade/order/active", "private", "GET", {"cost": 1}
    )
    private_get_v2_trade_order_active = privateGetV2TradeOrderActive = Entry(
        "v2/trade/order/active", "private", "GET", {"cost": 1}
    )
    private_get_trade_order_orderinfo = privateGetTradeOrderOrderInfo = Entry(
        "trade/order/orderInfo", "private", "GET", {"cost": 1}
    )
    private_get_v2_trade_order_orderinfo = privateGetV2TradeOrderOrderInfo = Entry(
        "v2/trade/order/orderInfo", "private", "GET", {"cost": 1}
    )
    private_get_trade_match_accountmatches = privateGetTradeMatchAccountMatches = Entry(
        "trade/match/accountMatches", "private", "GET", {"cost": 1}
    )
    private_post_spot_accountlist = privatePostSpotAccountList = Entry(
        "spot/accountList", "private", "POST", {"cost": 1}
    )
    private_post_trade_order_place = privatePostTradeOrderPlace = Entry(
        "trade/order/place", "private", "POST", {"cost": 1}
    )
    private_post_trade_order_cancel = privatePostTradeOrderCancel = Entry(
        "trade/order/cancel", "private", "POST", {"cost": 1}
    )
    private_post_trade_order_cancelall = privatePostTradeOrderCancelAll = Entry(
        "trade/order/cancelAll", "private", "POST", {"cost": 1}
    )
    private_post_trade_order_cancelbatch = privatePostTradeOrderCancelBatch = Entry(
        "trade/order/cancelBatch", "private", "POST", {"cost": 1}
    )
    private_post_fi_v3_asset_deposit_record_list = privatePostFiV3AssetDepositRecordList = Entry(
        "fi/v3/asset/deposit/record/list", "private", "POST", {"cost": 1}
    )
    private_post_fi_v3_asset_withdraw_record_list = privatePostFiV3AssetWithdrawRecordList = Entry(
        "fi/v3/asset/withdraw/record/list", "private", "POST", {"cost": 1}
    )
