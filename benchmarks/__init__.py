"""What the product costs, as ratios of interleaved rounds in one run; docs/performance.md says how to read them."""
