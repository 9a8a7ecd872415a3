"""The store's tables and inserts; every amount in atoms or units may outgrow 64 bits and is TEXT."""

SCHEMA_VERSION = 2

SCHEMA = """
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (name TEXT PRIMARY KEY, kind TEXT NOT NULL, uid INTEGER NOT NULL,
  account_id INTEGER NOT NULL UNIQUE, active_order_limit INTEGER, created_ms INTEGER NOT NULL) STRICT;
CREATE TABLE keys (api_key TEXT PRIMARY KEY, secret TEXT NOT NULL, account TEXT NOT NULL REFERENCES accounts,
  permissions TEXT NOT NULL, addresses TEXT NOT NULL, revoked INTEGER NOT NULL) STRICT;
CREATE TABLE balances (account TEXT NOT NULL, currency TEXT NOT NULL, total TEXT NOT NULL,
  PRIMARY KEY (account, currency)) STRICT, WITHOUT ROWID;
CREATE TABLE orders (id INTEGER PRIMARY KEY, account TEXT NOT NULL, client_order_id TEXT NOT NULL,
  symbol TEXT NOT NULL, side TEXT NOT NULL, price INTEGER NOT NULL, lots INTEGER NOT NULL, budget TEXT NOT NULL,
  remaining INTEGER NOT NULL, filled INTEGER NOT NULL, filled_cost TEXT NOT NULL, state TEXT NOT NULL,
  is_market INTEGER NOT NULL, post_only INTEGER NOT NULL, time_in_force TEXT NOT NULL, created_ms INTEGER NOT NULL,
  traded_ms INTEGER, updated_ms INTEGER NOT NULL, self_trade TEXT NOT NULL, prevented INTEGER NOT NULL,
  prevented_id INTEGER) STRICT;
CREATE INDEX orders_client_order_id ON orders (account, client_order_id, id);
CREATE INDEX orders_account ON orders (account, id);
CREATE INDEX orders_open ON orders (id) WHERE state IN ('new', 'partially_filled');
CREATE TABLE trades (match_id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, number INTEGER NOT NULL,
  symbol TEXT NOT NULL, price INTEGER NOT NULL, lots INTEGER NOT NULL, taker_side TEXT NOT NULL, buyer TEXT NOT NULL,
  seller TEXT NOT NULL, buyer_fee TEXT NOT NULL, seller_fee TEXT NOT NULL, time_ms INTEGER NOT NULL) STRICT;
CREATE INDEX trades_symbol ON trades (symbol, match_id);
CREATE INDEX trades_number ON trades (symbol, number);
CREATE TABLE candles (symbol TEXT NOT NULL, minute_ms INTEGER NOT NULL, open INTEGER NOT NULL, high INTEGER NOT NULL,
  low INTEGER NOT NULL, close INTEGER NOT NULL, lots TEXT NOT NULL, cost TEXT NOT NULL, first_number INTEGER NOT NULL,
  last_number INTEGER NOT NULL, bought_lots TEXT NOT NULL, bought_cost TEXT NOT NULL, traded_ms INTEGER NOT NULL,
  PRIMARY KEY (symbol, minute_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE fills (id INTEGER PRIMARY KEY, match_id INTEGER NOT NULL, number INTEGER NOT NULL, account TEXT NOT NULL,
  symbol TEXT NOT NULL, order_id INTEGER NOT NULL, side TEXT NOT NULL, price INTEGER NOT NULL, lots INTEGER NOT NULL,
  is_maker INTEGER NOT NULL, fee TEXT NOT NULL, remaining INTEGER NOT NULL, self_deal INTEGER NOT NULL,
  time_ms INTEGER NOT NULL) STRICT;
CREATE INDEX fills_account ON fills (account, symbol, id);
CREATE INDEX fills_order ON fills (order_id);
CREATE INDEX fills_number ON fills (account, symbol, number);
CREATE TABLE entries (line INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, account TEXT NOT NULL,
  currency TEXT NOT NULL, kind TEXT NOT NULL, amount TEXT NOT NULL, free TEXT NOT NULL, used TEXT NOT NULL,
  reference INTEGER NOT NULL, time_ms INTEGER NOT NULL) STRICT;
CREATE INDEX entries_account ON entries (account, sequence);
CREATE INDEX entries_purse ON entries (account, currency, sequence);
CREATE TABLE transfers (id INTEGER PRIMARY KEY, account TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL,
  time_ms INTEGER NOT NULL) STRICT;
CREATE TABLE creates (line INTEGER PRIMARY KEY, account TEXT NOT NULL, client_order_id TEXT NOT NULL,
  symbol TEXT NOT NULL, outcome TEXT NOT NULL, order_id INTEGER, time_ms INTEGER NOT NULL) STRICT;
CREATE INDEX creates_account ON creates (account, line);
"""

#: from version 1; the candles are made of its trades
SECOND_VERSION = """
ALTER TABLE orders ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN self_trade TEXT NOT NULL DEFAULT 'NONE';
ALTER TABLE orders ADD COLUMN prevented INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN prevented_id INTEGER;
UPDATE orders SET updated_ms = coalesce(traded_ms, created_ms);
DROP INDEX orders_client_order_id;
CREATE INDEX orders_client_order_id ON orders (account, client_order_id, id);
CREATE INDEX trades_number ON trades (symbol, number);
CREATE INDEX fills_number ON fills (account, symbol, number);
CREATE TABLE candles (symbol TEXT NOT NULL, minute_ms INTEGER NOT NULL, open INTEGER NOT NULL, high INTEGER NOT NULL,
  low INTEGER NOT NULL, close INTEGER NOT NULL, lots TEXT NOT NULL, cost TEXT NOT NULL, first_number INTEGER NOT NULL,
  last_number INTEGER NOT NULL, bought_lots TEXT NOT NULL, bought_cost TEXT NOT NULL, traded_ms INTEGER NOT NULL,
  PRIMARY KEY (symbol, minute_ms)) STRICT, WITHOUT ROWID;
"""

PUT_ORDER = """
INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET lots = excluded.lots, remaining = excluded.remaining, filled = excluded.filled,
  filled_cost = excluded.filled_cost, state = excluded.state, traded_ms = excluded.traded_ms,
  updated_ms = excluded.updated_ms, prevented = excluded.prevented, prevented_id = excluded.prevented_id
"""
PUT_CANDLE = "INSERT OR REPLACE INTO candles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_TRADE = "INSERT INTO trades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_FILL = "INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_ENTRY = "INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
