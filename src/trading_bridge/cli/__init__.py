"""The command `trading-bridge`: translate in, call one thing, translate out."""
