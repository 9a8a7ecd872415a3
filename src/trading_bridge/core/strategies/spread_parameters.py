"""Settings of the spread bot: with bounds, units, defaults and what each means; contradictions are refused by the field
that makes them, with the nearest value that does not."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from trading_bridge.core.amount import readable
from trading_bridge.core.quoting.obligations import DEPTH_WITHIN_BPS, Obligations
from trading_bridge.core.quoting.reference import banded
from trading_bridge.core.quoting.sizing import Size
from trading_bridge.core.quoting.widths import Widths, steps

#: the last level may be so far behind the first
FURTHEST_BPS = Decimal(5_000)

_PRICE, _LEVELS, _INVENTORY = "Price and spread", "Orders", "Inventory"
_STAYING, _MODEL, _OBLIGATIONS = "Staying in the queue", "Volatility and model", "Obligations"


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("it is a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_no_flag)]


def _in(group: str, unit: str = "") -> dict[str, Any]:
    return {"group": group, "unit": unit}


class SpreadParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    spread_bps: Decimal = Field(
        default=Decimal(40),
        ge=Decimal("0.5"),
        le=Decimal(2_000),
        description="Distance between own bid and own ask, in basis points of the mid.",
        json_schema_extra=_in(_PRICE, "basis points of the reference"),
    )
    bid_spread_bps: Decimal | None = Field(
        default=None,
        ge=Decimal("0.25"),
        le=Decimal(1_000),
        description="Distance of the first bid from the reference; without a value, half of the spread.",
        json_schema_extra=_in(_PRICE, "basis points of the reference"),
    )
    ask_spread_bps: Decimal | None = Field(
        default=None,
        ge=Decimal("0.25"),
        le=Decimal(1_000),
        description="Distance of the first ask from the reference; without a value, half of the spread.",
        json_schema_extra=_in(_PRICE, "basis points of the reference"),
    )
    minimum_spread_bps: Decimal | None = Field(
        default=None,
        ge=Decimal("0.5"),
        le=Decimal(2_000),
        description="The spread is never less than this, whatever the model or the other settings make of it.",
        json_schema_extra=_in(_PRICE, "basis points of the reference"),
    )
    maximum_spread_bps: Decimal | None = Field(
        default=None,
        ge=Decimal("0.5"),
        le=Decimal(2_000),
        description="The spread is never more than this, but for rounding to the market's price step and for what the "
        "post-only rule and the limits push further out.",
        json_schema_extra=_in(_PRICE, "basis points of the reference"),
    )
    fixed_price: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(1_000_000_000),
        description="A price that a person sets: the reference itself, or the middle of its band.",
        json_schema_extra=_in(_PRICE, "quote per base"),
    )
    reference: Literal["mid", "micro", "depth", "fixed"] = Field(
        default="mid",
        description="The price that quotes lie around, from what others quote: the mid; the micro-price, which leans "
        "to the side that displays less; the mid of what a certain depth would cost; or the fixed price.",
        json_schema_extra=_in(_PRICE),
    )
    reference_depth_quote: Decimal = Field(
        default=Decimal(1_000),
        gt=0,
        le=Decimal(10_000_000),
        description="How deep the depth reference looks into each side of the book.",
        json_schema_extra=_in(_PRICE, "quote currency"),
    )
    reference_band_bps: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(5_000),
        description="The reference follows the market no further from the fixed price than this.",
        json_schema_extra=_in(_PRICE, "basis points of the fixed price"),
    )
    price_floor: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(1_000_000_000),
        description="No order is priced below it.",
        json_schema_extra=_in(_PRICE, "quote per base"),
    )
    price_ceiling: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(1_000_000_000),
        description="No order is priced above it.",
        json_schema_extra=_in(_PRICE, "quote per base"),
    )
    order_amount_quote: Decimal = Field(
        default=Decimal(50),
        gt=0,
        le=Decimal(1_000_000),
        description="Value of each first order, in the quote currency.",
        json_schema_extra=_in(_LEVELS, "quote currency"),
    )
    order_amount_base: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(1_000_000_000_000),
        description="Amount of each first order in the base currency, instead of its value in quote.",
        json_schema_extra=_in(_LEVELS, "base currency"),
    )
    order_amount_pct: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(50),
        description="Value of each first order as a share of what the bot holds, its budget where it has one, instead "
        "of a value in quote.",
        json_schema_extra=_in(_LEVELS, "percent"),
    )
    levels: Whole = Field(
        default=1, ge=1, le=10, description="Orders on each side.", json_schema_extra=_in(_LEVELS, "orders")
    )
    level_distance_bps: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(1_000),
        description="Distance from the first level to the second; without a value, half of the spread.",
        json_schema_extra=_in(_LEVELS, "basis points of the reference"),
    )
    level_distance_growth: Decimal = Field(
        default=Decimal(1),
        validate_default=True,
        ge=1,
        le=5,
        description="Each distance between two levels is so many times the one before it.",
        json_schema_extra=_in(_LEVELS, "times"),
    )
    level_amount_growth: Decimal = Field(
        default=Decimal(1),
        ge=Decimal("0.1"),
        le=5,
        description="Each level is so many times as large as the one before it.",
        json_schema_extra=_in(_LEVELS, "times"),
    )
    inventory_target_pct: Decimal | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Share of what the bot holds that should be base; without a value, its inventory moves nothing.",
        json_schema_extra=_in(_INVENTORY, "percent"),
    )
    inventory_band_pct: Decimal | None = Field(
        default=None,
        gt=0,
        le=100,
        description="How far the share may be from its target: no order leads further, and the skews are full there.",
        json_schema_extra=_in(_INVENTORY, "percentage points"),
    )
    inventory_price_skew_bps: Decimal = Field(
        default=Decimal(0),
        ge=0,
        le=Decimal(1_000),
        description="The reference moves by up to this against the inventory, fully at the end of its band.",
        json_schema_extra=_in(_INVENTORY, "basis points of the reference"),
    )
    inventory_size_skew: Decimal = Field(
        default=Decimal(0),
        ge=0,
        le=1,
        description="Share by which orders that lead away from the target become smaller, fully at its band's end.",
        json_schema_extra=_in(_INVENTORY, "0 to 1"),
    )
    refresh_tolerance_bps: Decimal | None = Field(
        default=None,
        ge=0,
        le=Decimal(1_000),
        description="A resting order that is at most this far from where it should be keeps its place in the queue; "
        "without a value, an eighth of the spread.",
        json_schema_extra=_in(_STAYING, "basis points of the reference"),
    )
    minimum_rest_s: Whole = Field(
        default=0,
        ge=0,
        le=3_600,
        description="A new order stays at least so long where it is, unless the reference has passed it.",
        json_schema_extra=_in(_STAYING, "seconds"),
    )
    filled_order_delay_s: Whole = Field(
        default=0,
        ge=0,
        le=3_600,
        description="After a fill no new order follows on that side for so long.",
        json_schema_extra=_in(_STAYING, "seconds"),
    )
    hanging_orders: Whole = Field(
        default=0,
        ge=0,
        le=5,
        description="So many orders of a side stay at their prices, beside the new ones, when an order of the other "
        "side was filled.",
        json_schema_extra=_in(_STAYING, "orders"),
    )
    hanging_distance_bps: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(2_000),
        description="They go once they are further than this from the reference; without a value, twice the spread.",
        json_schema_extra=_in(_STAYING, "basis points of the reference"),
    )
    volatility_factor: Decimal = Field(
        default=Decimal(0),
        ge=0,
        le=20,
        description="The spread grows by so many times what the price moves in a minute (standard deviation, newer "
        "moves count more).",
        json_schema_extra=_in(_MODEL, "times"),
    )
    risk_aversion: Decimal = Field(
        default=Decimal("0.01"),
        ge=Decimal("0.000001"),
        le=10,
        description="Of the Avellaneda-Stoikov model: how strongly volatility widens the spread and inventory moves "
        "the reference.",
        json_schema_extra=_in(_MODEL, "per basis point and order"),
    )
    fill_decay: Decimal = Field(
        default=Decimal("0.05"),
        ge=Decimal("0.000001"),
        le=10,
        description="Of the Avellaneda-Stoikov model: by which fills become rarer with each basis point of distance.",
        json_schema_extra=_in(_MODEL, "per basis point"),
    )
    horizon_s: Whole = Field(
        default=60,
        ge=1,
        le=3_600,
        description="Of the Avellaneda-Stoikov model: the time that an inventory is expected to be held.",
        json_schema_extra=_in(_MODEL, "seconds"),
    )
    model: Literal["fixed", "avellaneda_stoikov"] = Field(
        default="fixed",
        description="Where spread and skew come from: these settings, or the Avellaneda-Stoikov model.",
        json_schema_extra=_in(_MODEL),
    )
    obligation_spread_bps: Decimal | None = Field(
        default=None,
        ge=Decimal("0.5"),
        le=Decimal(2_000),
        description="The agreement's maximum spread: quotes are drawn in to it, and each decision says whether it is "
        "kept. Limits and balances come first.",
        json_schema_extra=_in(_OBLIGATIONS, "basis points of the mid"),
    )
    obligation_depth_quote: Decimal | None = Field(
        default=None,
        gt=0,
        le=Decimal(10_000_000),
        description="The agreement's depth on each side within 2 % of the mid: orders are made larger until they reach "
        "it. Limits and balances come first.",
        json_schema_extra=_in(_OBLIGATIONS, "quote currency"),
    )

    @cached_property
    def tolerance_bps(self) -> Decimal:
        if self.refresh_tolerance_bps is not None:
            return self.refresh_tolerance_bps
        eighth = self.spread_bps / 8
        return eighth if self.levels == 1 else min(eighth, self.step_bps / 4)

    @property
    def step_bps(self) -> Decimal:
        return self.spread_bps / 2 if self.level_distance_bps is None else self.level_distance_bps

    @cached_property
    def further_bps(self) -> tuple[Decimal, ...]:
        """How much further than the first each level stands."""
        return steps(self.levels, self.step_bps, self.level_distance_growth)

    @cached_property
    def widths(self) -> Widths:
        """As configured, before anything widens or narrows it."""
        return Widths(
            bid=self.spread_bps if self.bid_spread_bps is None else self.bid_spread_bps * 2,
            ask=self.spread_bps if self.ask_spread_bps is None else self.ask_spread_bps * 2,
        )

    @property
    def hang_within_bps(self) -> Decimal:
        return self.spread_bps * 2 if self.hanging_distance_bps is None else self.hanging_distance_bps

    @cached_property
    def obligations(self) -> Obligations | None:
        """None: none were agreed."""
        if self.obligation_spread_bps is None and self.obligation_depth_quote is None:
            return None
        return Obligations(spread_bps=self.obligation_spread_bps, depth_quote=self.obligation_depth_quote)

    @property
    def needs_volatility(self) -> bool:
        return self.volatility_factor > 0 or self.model == "avellaneda_stoikov"

    def centre(self, market_price: Decimal) -> Decimal:
        """The reference, where the market's is `market_price`."""
        if self.fixed_price is None:
            return market_price
        if self.reference == "fixed":
            return self.fixed_price
        return (
            market_price
            if self.reference_band_bps is None
            else banded(market_price, self.fixed_price, self.reference_band_bps)
        )

    def allows(self, price: Decimal) -> bool:
        """Inside floor and ceiling."""
        return (self.price_floor is None or price >= self.price_floor) and (
            self.price_ceiling is None or price <= self.price_ceiling
        )

    def size(self, worth_quote: Decimal) -> Size:
        """Of each first order, before any skew; `worth_quote`: of what the bot holds."""
        if self.order_amount_base is not None:
            return Size(base=self.order_amount_base)
        if self.order_amount_pct is not None:
            return Size(quote=worth_quote * self.order_amount_pct / 100)
        return Size(quote=self.order_amount_quote)

    # contradictions, each by the field that comes last

    @field_validator("maximum_spread_bps")
    @classmethod
    def _not_below_the_minimum(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        return _at_least(value, info.data, "minimum_spread_bps")

    @field_validator("price_floor")
    @classmethod
    def _below_a_fixed_price(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        fixed = _fixed(info.data)
        if value is not None and fixed is not None and value > fixed:
            raise ValueError(f"it may not be above fixed_price; the nearest possible value is {readable(fixed)}")
        return value

    @field_validator("price_ceiling")
    @classmethod
    def _above_the_floor(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        fixed = _fixed(info.data)
        if value is not None and fixed is not None and value < fixed:
            raise ValueError(f"it may not be below fixed_price; the nearest possible value is {readable(fixed)}")
        return _at_least(value, info.data, "price_floor")

    @field_validator("reference")
    @classmethod
    def _fixed_at_a_price(cls, value: str, info: ValidationInfo) -> str:
        if value == "fixed" and _missing(info.data, "fixed_price"):
            raise ValueError("it needs fixed_price; else it may be mid, micro or depth")
        return value

    @field_validator("reference_band_bps")
    @classmethod
    def _around_a_price(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and _missing(info.data, "fixed_price"):
            raise ValueError("it needs fixed_price as its middle; else leave it out")
        return value

    @field_validator("order_amount_pct")
    @classmethod
    def _one_amount(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and info.data.get("order_amount_base") is not None:
            raise ValueError("order_amount_base says the amount already; leave one of them out")
        return value

    @field_validator("level_distance_growth")
    @classmethod
    def _on_the_market(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        levels, spread_bps = info.data.get("levels"), info.data.get("spread_bps")
        if levels is None or spread_bps is None or "level_distance_bps" not in info.data:
            return value
        told: Decimal | None = info.data["level_distance_bps"]
        times = steps(levels, Decimal(1), value)[-1]
        step = spread_bps / 2 if told is None else told
        if step * times > FURTHEST_BPS:
            most = (FURTHEST_BPS / times).quantize(Decimal("0.0001"), rounding=ROUND_DOWN)
            raise ValueError(
                f"the last of {levels} levels would be {readable(step * times)} basis points behind the first, and "
                f"{FURTHEST_BPS:f} is the most: level_distance_bps may be at most {readable(most)} with this growth"
            )
        return value

    @field_validator("inventory_band_pct")
    @classmethod
    def _around_a_target(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and _missing(info.data, "inventory_target_pct"):
            raise ValueError("it needs inventory_target_pct, such as 50; else leave it out")
        return value

    @field_validator("inventory_price_skew_bps", "inventory_size_skew")
    @classmethod
    def _within_a_band(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if value > 0 and _missing(info.data, "inventory_band_pct"):
            raise ValueError("it needs inventory_target_pct and inventory_band_pct; else it may be 0")
        return value

    @field_validator("refresh_tolerance_bps")
    @classmethod
    def _inside_the_spread(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        spread_bps: Decimal | None = info.data.get("spread_bps")
        if value is None or spread_bps is None:
            return value
        if value * 2 > spread_bps:
            raise ValueError(
                f"it may be at most half of spread_bps ({spread_bps / 2:f}), "
                "else a resting order could stand on the wrong side of the mid"
            )
        for field in ("bid_spread_bps", "ask_spread_bps"):
            distance: Decimal | None = info.data.get(field)
            if distance is not None and value > distance:
                raise ValueError(
                    f"it may be at most {field} ({distance:f}), else a resting order could stand on the wrong side"
                )
        step: Decimal | None = info.data.get("level_distance_bps")
        if info.data.get("levels", 1) > 1 and step is not None and value * 2 > step:
            raise ValueError(f"it may be at most half of level_distance_bps ({step / 2:f}), else levels are confused")
        return value

    @field_validator("hanging_distance_bps")
    @classmethod
    def _of_hanging_orders(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and info.data.get("hanging_orders") == 0:
            raise ValueError("it needs hanging_orders of 1 to 5; else leave it out")
        return value

    @field_validator("model")
    @classmethod
    def _around_an_inventory(cls, value: str, info: ValidationInfo) -> str:
        if value == "avellaneda_stoikov" and _missing(info.data, "inventory_target_pct"):
            raise ValueError("it needs inventory_target_pct, such as 50; else it may be fixed")
        return value

    @field_validator("obligation_spread_bps")
    @classmethod
    def _not_below_own_minimum(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        return _at_least(value, info.data, "minimum_spread_bps")

    @field_validator("obligation_depth_quote")
    @classmethod
    def _near_enough(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        told = [info.data.get(field) for field in ("bid_spread_bps", "ask_spread_bps")]
        widest = max([info.data.get("spread_bps", Decimal(0)) / 2, *(one for one in told if one is not None)])
        if value is not None and info.data.get("obligation_spread_bps") is None and widest > DEPTH_WITHIN_BPS:
            raise ValueError(
                f"the first orders are {widest:f} basis points away, and depth counts within {DEPTH_WITHIN_BPS:f}: "
                f"bring spread_bps to {DEPTH_WITHIN_BPS * 2:f} or less"
            )
        return value


def _fixed(data: Mapping[str, Any]) -> Decimal | None:
    """The reference, where a person sets it."""
    return data.get("fixed_price") if data.get("reference") == "fixed" else None


def _missing(data: Mapping[str, Any], field: str) -> bool:
    """It has no value; one that was refused has its own message."""
    return field in data and data[field] is None


def _at_least(value: Decimal | None, data: Mapping[str, Any], field: str) -> Decimal | None:
    least: Decimal | None = data.get(field)
    if value is not None and least is not None and value < least:
        raise ValueError(f"it may not be below {field}; the nearest possible value is {readable(least)}")
    return value
