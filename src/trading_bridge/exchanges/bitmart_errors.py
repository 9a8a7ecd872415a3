"""BitMart's error codes as ccxt's classes (its reference, section 8); any other code is an ExchangeError."""

from ccxt.base.errors import (
    AccountSuspended,
    AuthenticationError,
    BadRequest,
    BadSymbol,
    DuplicateOrderId,
    ExchangeError,
    ExchangeNotAvailable,
    InsufficientFunds,
    InvalidNonce,
    InvalidOrder,
    NetworkError,
    NotSupported,
    OnMaintenance,
    OrderNotFillable,
    OrderNotFound,
    PermissionDenied,
    RateLimitExceeded,
    RestrictedLocation,
)

_BY_CLASS: dict[type[Exception], str] = {
    # the key, its signature and its memo
    AuthenticationError: "30001 30002 30004 30005 30006 30008 30011",
    InvalidNonce: "30007",
    # the key may not, or its owner may not
    PermissionDenied: "30010 30012 30019 53002 53003 53005 53006 53007 53009 53010 53011",
    AccountSuspended: "30003 53000",
    RestrictedLocation: "53001 53004 53008",
    # for now
    RateLimitExceeded: "30013 30017",
    ExchangeNotAvailable: "30014 50022",
    OnMaintenance: "30016",
    NetworkError: "70003",
    # the request
    NotSupported: "30030 30031",
    BadRequest: "30018 50000 50002 50003 50004 50013 50014 50015 50016 50017 50018 50019 50021 50024 50028 50033 50037"
    " 50038 50039 50041 51007 52000 52001 52002 52003 52004 57001 58001 70001 71001 71002 71003 71004 71005",
    # the market
    BadSymbol: "50001 50023 50040 51000 70002",
    # the order
    OrderNotFound: "50005 50030 50031 50032",
    InvalidOrder: "40044 50006 50007 50008 50009 50010 50011 50012 50025 50026 50027 50029 50036 51009 51010 51011"
    " 51012 51013 51014 51015",
    OrderNotFillable: "50034 50035",
    DuplicateOrderId: "50042",
    InsufficientFunds: "50020 60008 61001",
    ExchangeError: "30000 51008 70000",
}

#: code as text -> class
EXACT: dict[str, type[Exception]] = {code: kind for kind, codes in _BY_CLASS.items() for code in codes.split()}

#: words, for a code that has two meanings
NO_API_TRADING: dict[str, type[Exception]] = {"does not support API trading": BadSymbol}

#: HTTP status of a refusal in BitMart's own form whose code is not in the table
BY_STATUS: dict[int, type[Exception]] = {
    400: BadRequest,
    401: AuthenticationError,
    403: PermissionDenied,
    418: RateLimitExceeded,
    429: RateLimitExceeded,
}
