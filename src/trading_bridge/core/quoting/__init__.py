"""Pieces that strategies are made of: reference prices, widths, levels, sizes, inventory. Pure; ticks and lots inside,
decimals at the edges, floats in statistics alone."""
