"""Numbers of a synthetic market; time is the market's own, before any speed factor."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    name: str
    #: aggressive orders: two states, each exponentially long; their mean is 1.9 a minute in `thin`
    calm_orders_per_min: float
    burst_orders_per_min: float
    calm_s: float
    burst_s: float
    #: orders of one parent, all on its side: P(n) ~ n ** -exponent, n = 1..longest
    parent_exponent: float
    parent_longest: int
    #: log-normal amount of an order, in quote
    order_median_quote: float
    order_sigma: float
    order_max_quote: float
    #: what an order of median amount adds to the fair price, and how that grows with the amount
    impact_bps: float
    impact_exponent: float
    #: of the fair price, besides what orders do to it
    noise_bps_per_sqrt_min: float
    #: the log price returns halfway to its anchor in this time
    half_life_min: float
    #: orders resting on each side
    quotes: int
    #: the best quote's distance from the fair price: log-normal, wandering with this memory; one quote differs by the
    #: jitter (of the logarithm too)
    half_spread_median_bps: float
    half_spread_sigma: float
    half_spread_jitter: float
    width_memory_min: float
    #: between neighbouring quotes, near the best; it grows by `gap_growth` from quote to quote
    gap_mean_bps: float
    gap_growth: float
    #: no quote stays nearer than this to the fair price, or on its wrong side, for longer than `pull_s` (mean)
    nearest_bps: float
    pull_s: float
    #: log-normal amount of the best quote, in quote; the one n places behind has 1 + growth * n ** 0.75 times that
    quote_median_quote: float
    quote_growth: float
    quote_sigma: float
    #: mean life of the best quote and of the last one, geometric in between
    best_life_s: float
    last_life_s: float
    #: an aggressive order takes no further from the fair price than this
    slippage_max_bps: float


#: a pair kept by bots, few traders: modelled on Bitstamp BTC/USD of 2015-05-01
THIN = Preset(
    name="thin",
    calm_orders_per_min=0.65,
    burst_orders_per_min=11.0,
    calm_s=350.0,
    burst_s=50.0,
    parent_exponent=2.75,
    parent_longest=30,
    order_median_quote=55.0,
    order_sigma=2.0,
    order_max_quote=16_000.0,
    impact_bps=2.1,
    impact_exponent=0.3,
    noise_bps_per_sqrt_min=1.5,
    half_life_min=4320.0,
    quotes=18,
    half_spread_median_bps=3.6,
    half_spread_sigma=0.75,
    half_spread_jitter=0.5,
    width_memory_min=2.0,
    gap_mean_bps=1.5,
    gap_growth=0.1,
    nearest_bps=1.2,
    pull_s=1.0,
    quote_median_quote=145.0,
    quote_growth=1.1,
    quote_sigma=0.9,
    best_life_s=8.0,
    last_life_s=110.0,
    slippage_max_bps=60.0,
)
