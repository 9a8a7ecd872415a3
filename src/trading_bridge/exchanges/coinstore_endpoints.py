"""Coinstore's endpoints as ccxt's implicit methods. Those that move funds are left out on purpose."""

from ccxt.base.types import Entry


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
    private_post_fi_v3_asset_deposit_record_list = privatePostFiV3AssetDepositRecordList = Entry(
        "fi/v3/asset/deposit/record/list", "private", "POST", {"cost": 1}
    )
    private_post_fi_v3_asset_withdraw_record_list = privatePostFiV3AssetWithdrawRecordList = Entry(
        "fi/v3/asset/withdraw/record/list", "private", "POST", {"cost": 1}
    )
