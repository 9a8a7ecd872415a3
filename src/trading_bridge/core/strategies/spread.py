"""Two-sided post-only quotes around a reference price, from what others quote."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from trading_bridge.core.amount import readable
from trading_bridge.core.decision import Decision, Reason, Wanted
from trading_bridge.core.market import Lots, Market, Ticks
from trading_bridge.core.order import Side
from trading_bridge.core.quoting import avellaneda, reference, resting
from trading_bridge.core.quoting.inventory import Inventory, inventory
from trading_bridge.core.quoting.obligations import counts, deepened, furthest, report
from trading_bridge.core.quoting.sizing import Room, Size, room_of, sized
from trading_bridge.core.quoting.volatility import in_bps
from trading_bridge.core.quoting.widths import Widths, ladder
from trading_bridge.core.strategies.bot_type import BotType, FirstOrders, Misfit
from trading_bridge.core.strategies.spread_parameters import SpreadParameters as SpreadParameters
from trading_bridge.core.swift import swift
from trading_bridge.core.view import MarketView, Standing

_BPS = Decimal(10_000)
_ONE, _ZERO = Decimal(1), Decimal(0)
#: what a statistic may make of a distance
_MOST_BPS = Decimal(2_000)
_MINUTE_S = 60.0
#: an inventory is told to the model as no more orders than these
_ORDERS_MOST = 100.0


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What both sides share."""

    view: MarketView
    parameters: SpreadParameters
    mid: Decimal
    #: where the inventory is judged from
    reference: Decimal
    #: where quotes lie around: the reference, moved by the inventory
    centre: Decimal
    widths: Widths
    size: Size
    inventory: Inventory | None


@swift
@dataclass(frozen=True, slots=True, kw_only=True)
class _Quotes:
    """Of one side."""

    #: orders that stay first, then new ones, best first
    wanted: tuple[Wanted, ...]
    notes: tuple[Reason, ...]


def decide(view: MarketView, parameters: SpreadParameters) -> Decision:
    """Bids and asks around the reference, each side within its balance and the inventory band, rounded away from it."""
    book = view.book
    if book.best_bid is None or book.best_ask is None:
        empty = "bids" if book.best_bid is None else "asks"
        return Decision(reason=Reason(code="book.one_sided", parameters={"empty": empty}), wanted=())
    plan = _planned(view, parameters)
    if isinstance(plan, Reason):
        return Decision(reason=plan, wanted=())
    buys = _quotes(plan, Side.BUY, Ticks(book.best_ask - 1))
    sells = _quotes(plan, Side.SELL, Ticks(book.best_bid + 1))
    wanted, notes = buys.wanted + sells.wanted, buys.notes + sells.notes
    if buys.wanted and sells.wanted:
        return Decision(reason=Reason(code="quoting"), wanted=wanted, notes=notes)
    if wanted:
        reason = Reason(code="quoting.one_sided", parameters={"side": wanted[0].side.value})
        return Decision(reason=reason, wanted=wanted, notes=notes)
    return Decision(reason=notes[0], wanted=(), notes=notes[1:])


def tolerance(parameters: SpreadParameters, market: Market, mid: Decimal) -> Ticks:
    return market.ticks_down(mid * parameters.tolerance_bps / _BPS)


def remarks(view: MarketView, parameters: SpreadParameters, wanted: tuple[Wanted, ...]) -> tuple[Reason, ...]:
    """How far what the limits left keeps the agreement; nothing where none was made."""
    demanded = parameters.obligations
    if demanded is None or not view.book.bids or not view.book.asks:
        return ()
    return (report(wanted, reference.mid(view.book, view.market), demanded, view.market),)


def first_orders(parameters: SpreadParameters, market: Market, price: Decimal | None) -> FirstOrders:
    """Of a share of what it holds nothing can be told beforehand."""
    if parameters.order_amount_base is not None:
        needs = None if price is None else parameters.order_amount_base * price
        return FirstOrders(buy=needs, sell=parameters.order_amount_base)
    if parameters.order_amount_pct is not None:
        return FirstOrders(buy=None, sell=None)
    quote = parameters.order_amount_quote
    return FirstOrders(buy=quote, sell=None if price is None else market.amount(market.lots_down(quote / price)))


def misfit(parameters: SpreadParameters, market: Market) -> Misfit | None:
    """A first order below the market's minimum, as far as no price is needed to tell."""
    base = parameters.order_amount_base
    if base is not None:
        least = market.lot_size if market.min_amount is None else max(market.min_amount, market.lot_size)
        if base < least:
            return _below("order_amount_base", base, least, market.base, market)
        return None
    quote, least_quote = parameters.order_amount_quote, market.min_cost
    if parameters.order_amount_pct is None and least_quote is not None and quote < least_quote:
        return _below("order_amount_quote", quote, least_quote, market.quote, market)
    return None


def _below(field: str, value: Decimal, least: Decimal, currency: str, market: Market) -> Misfit:
    least_told = f"the nearest possible value is {readable(least)}"
    words = f"{readable(value)} {currency} is less than {market.symbol} takes; {least_told}"
    return Misfit(field=field, words=words)


def _planned(view: MarketView, parameters: SpreadParameters) -> _Plan | Reason:
    """Or why there is none yet."""
    if parameters.needs_volatility and (view.volatility is None or view.volatility.bps(_MINUTE_S) is None):
        return Reason(code="volatility.unknown", parameters={"symbol": view.market.symbol})
    market, book = view.market, view.book
    mid = reference.mid(book, market)
    price = parameters.centre(_market_price(view, parameters, mid))
    size = parameters.size(view.held_base * price + view.held_quote)
    target, held = parameters.inventory_target_pct, None
    if target is not None:
        held = inventory(view.held_base, view.held_quote, price, target, parameters.inventory_band_pct)
    centre, widths = _modelled(view, parameters, price, size, held)
    if parameters.volatility_factor > 0:
        widths = widths.wider(_widening(view, parameters))
    widths = widths.within(parameters.minimum_spread_bps, parameters.maximum_spread_bps)
    if held is not None and parameters.inventory_price_skew_bps > 0:
        centre -= price * held.lean * parameters.inventory_price_skew_bps / _BPS
    if parameters.obligation_spread_bps is not None:
        widths = widths.within(None, parameters.obligation_spread_bps * mid / centre)
    return _Plan(
        view=view,
        parameters=parameters,
        mid=mid,
        reference=price,
        centre=centre,
        widths=widths,
        size=size,
        inventory=held,
    )


def _market_price(view: MarketView, parameters: SpreadParameters, mid: Decimal) -> Decimal:
    match parameters.reference:
        case "micro":
            return reference.micro_price(view.book, view.market)
        case "depth":
            return reference.depth_price(view.book, view.market, parameters.reference_depth_quote)
        case "mid" | "fixed":
            return mid


def _modelled(
    view: MarketView, parameters: SpreadParameters, price: Decimal, size: Size, held: Inventory | None
) -> tuple[Decimal, Widths]:
    """Where quotes lie around, and how far from it, by the settings or by the model."""
    if parameters.model != "avellaneda_stoikov" or held is None:
        return price, parameters.widths
    one = size.base if size.base is not None else (_ZERO if size.quote is None else size.quote) / price
    excess = 0.0 if one <= 0 else float(held.excess / one)
    told = avellaneda.model(
        excess_orders=max(-_ORDERS_MOST, min(_ORDERS_MOST, excess)),
        risk_aversion=float(parameters.risk_aversion),
        volatility_bps=_volatility_bps(view, parameters.horizon_s),
        fill_decay=float(parameters.fill_decay),
    )
    spread = in_bps(told.spread_bps, _MOST_BPS)
    return price + price * in_bps(told.shift_bps, _MOST_BPS) / _BPS, Widths(bid=spread, ask=spread)


def _widening(view: MarketView, parameters: SpreadParameters) -> Decimal:
    return in_bps(_volatility_bps(view, _MINUTE_S) * float(parameters.volatility_factor), _MOST_BPS)


def _volatility_bps(view: MarketView, seconds: float) -> float:
    told = None if view.volatility is None else view.volatility.bps(seconds)
    assert told is not None, "without one nothing is planned"
    return told


def _quotes(plan: _Plan, side: Side, edge: Ticks) -> _Quotes:
    """`edge`: the last price that does not meet others'."""
    view, parameters, market = plan.view, plan.parameters, plan.view.market
    buys = side is Side.BUY
    funds = view.spendable_quote if buys else view.spendable_base
    room = room_of(side, market, funds, None if plan.inventory is None else plan.inventory.room(side, market))
    waits = resting.delayed(view.bought_at if buys else view.sold_at, view.now, parameters.filled_order_delay_s)
    hanging, young = _staying(plan, side, all_of_them=waits)
    hangs, room = _kept(hanging, room)
    stays, room = _kept(young, room)
    kept = tuple(Wanted(side=side, price=own.price, amount=own.remaining) for own in (*hangs, *stays))
    notes: list[Reason] = []
    if hangs:
        notes.append(Reason(code="quote.hangs", parameters={"side": side.value, "open_orders": str(len(hangs))}))
    if waits:
        notes.append(Reason(code="fill.delay", parameters={"side": side.value}))
        return _Quotes(wanted=kept, notes=tuple(notes))
    prices = _prices(plan, side, edge)
    if prices[0] <= 0:
        notes.append(Reason(code="order.too_small", parameters={"side": side.value}))
        return _Quotes(wanted=kept, notes=tuple(notes))
    asked = _asked(plan, side, prices)
    if stays:
        asked, moved = _without(asked, stays, tolerance(parameters, market, plan.reference))
        if moved:
            notes.append(Reason(code="quote.rests", parameters={"side": side.value}))
    inside = asked
    if parameters.price_floor is not None or parameters.price_ceiling is not None:
        inside = [(price, amount) for price, amount in asked if parameters.allows(market.price(price))]
    if len(inside) < len(asked):
        notes.append(Reason(code="price.outside_bounds", parameters={"side": side.value}))
    depth = parameters.obligation_depth_quote
    if depth is not None:
        last = furthest(side, plan.mid, market)
        near = [market.cost(one.price, one.amount) for one in kept if counts(side, one.price, last)]
        inside = deepened(inside, side, sum(near, _ZERO), plan.mid, depth, market)
    new = sized(inside, room, partial(_too_small, plan, side))
    return _Quotes(wanted=kept + new.wanted, notes=(*notes, *new.notes))


def _staying(plan: _Plan, side: Side, *, all_of_them: bool) -> tuple[tuple[Standing, ...], tuple[Standing, ...]]:
    """Own orders that hang, and those that are too young to be moved; `all_of_them`: nothing of the side is moved."""
    view, parameters = plan.view, plan.parameters
    if not (all_of_them or parameters.hanging_orders or parameters.minimum_rest_s):
        return (), ()
    market, furthest = view.market, parameters.hang_within_bps
    own = [
        one
        for one in view.standing
        if one.side is side
        and one.settled
        and resting.behind(one, plan.centre, market)
        and parameters.allows(market.price(one.price))
    ]
    other_filled_at = view.sold_at if side is Side.BUY else view.bought_at
    hangs = resting.hanging(own, other_filled_at, plan.reference, parameters.hanging_orders, furthest, market)
    young = tuple(
        one
        for one in own
        if one not in hangs and (all_of_them or resting.young(one, view.now, parameters.minimum_rest_s))
    )
    return hangs, young


def _kept(own: tuple[Standing, ...], room: Room) -> tuple[tuple[Standing, ...], Room]:
    """Those that there is room for, and what it leaves."""
    kept: list[Standing] = []
    for one in own:
        if room.fits(one.price, one.remaining):
            room = room.less(one.price, one.remaining)
            kept.append(one)
    return tuple(kept), room


def _prices(plan: _Plan, side: Side, edge: Ticks) -> list[Ticks]:
    """Of the levels, best first; the first is rounded towards the reference where the agreement leaves no other way."""
    parameters, market = plan.parameters, plan.view.market
    buys = side is Side.BUY
    prices = ladder(
        side, plan.centre, plan.widths.bid if buys else plan.widths.ask, parameters.further_bps, edge, market
    )
    demanded = parameters.obligation_spread_bps
    if demanded is not None:
        nearer = Ticks(prices[0] + 1 if buys else prices[0] - 1)
        price = market.price(nearer)
        if plan.widths.spread_bps * plan.centre + 2 * market.tick_size * _BPS > demanded * plan.mid and (
            nearer <= edge and price < plan.centre if buys else nearer >= edge and price > plan.centre
        ):
            prices[0] = nearer
    return prices


def _asked(plan: _Plan, side: Side, prices: list[Ticks]) -> list[tuple[Ticks, Lots]]:
    """Each level with its amount, as configured and skewed."""
    parameters, market = plan.parameters, plan.view.market
    times = _ONE
    if plan.inventory is not None and parameters.inventory_size_skew > 0:
        times = plan.inventory.share_of_size(side, parameters.inventory_size_skew)
    asked: list[tuple[Ticks, Lots]] = []
    for price in prices:
        if price <= 0:
            break
        asked.append((price, plan.size.lots(price, market, times)))
        times *= parameters.level_amount_growth
    return asked


def _without(
    asked: list[tuple[Ticks, Lots]], stays: tuple[Standing, ...], near: Ticks
) -> tuple[list[tuple[Ticks, Lots]], bool]:
    """What is asked for beside orders that stay, each of which takes the nearest level's place; whether one of them
    would have been moved."""
    left, moved = list(asked), False
    for own in stays:
        if not left:
            return left, True
        nearest = min(left, key=lambda one: abs(one[0] - own.price))
        left.remove(nearest)
        moved = moved or abs(nearest[0] - own.price) > near
    return left, moved


def _too_small(plan: _Plan, side: Side) -> Reason:
    parameters = {"side": side.value, "symbol": plan.view.market.symbol}
    if plan.size.quote is not None:
        parameters["order_amount_quote"] = f"{plan.size.quote:f}"
    return Reason(code="order.too_small", parameters=parameters)


SPREAD = BotType(
    id="spread",
    label="Spread",
    parameters=SpreadParameters,
    decide=decide,
    tolerance=tolerance,
    remarks=remarks,
    first_orders=first_orders,
    misfit=misfit,
)
