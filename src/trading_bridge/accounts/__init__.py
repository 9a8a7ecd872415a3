"""Live state per connector and market: balances with their time, own orders, books, traded volume."""
