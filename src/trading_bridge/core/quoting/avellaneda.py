"""Reference and spread by the model of Avellaneda and Stoikov, "High-frequency trading in a limit order book" (2008).

The paper's quotes end at a closing time; a market maker has none, so that a constant horizon stands for the time that
is left. Prices are in basis points of the reference, inventory in orders: the same settings fit every market.

    shift  = - excess * risk_aversion * volatility^2        (of the reference; volatility over the horizon)
    spread = risk_aversion * volatility^2 + 2 / risk_aversion * ln(1 + risk_aversion / fill_decay)
"""

from dataclasses import dataclass
from math import log1p


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    #: of the reference, in basis points: below zero while more is held than wanted
    shift_bps: float
    spread_bps: float


def model(*, excess_orders: float, risk_aversion: float, volatility_bps: float, fill_decay: float) -> Model:
    """`excess_orders`: inventory beyond its target, in orders; `volatility_bps`: over the horizon, not below zero;
    `fill_decay`: by which fills become rarer with each basis point, as exp(-fill_decay). The others are above zero."""
    risk = risk_aversion * volatility_bps * volatility_bps
    return Model(
        shift_bps=-excess_orders * risk, spread_bps=risk + 2.0 / risk_aversion * log1p(risk_aversion / fill_decay)
    )
