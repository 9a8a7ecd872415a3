"""Order flow: what the rest of the market does, as recorded or as modelled, and the driver that makes it happen."""
