"""Figures of a bot: balance, volume, stats."""

from datetime import datetime

from pydantic import Field

from trading_bridge.api.schemas.common import Amount, Answer, FindingOut, ReadStatus

_PAIR = {"SHARP": "125000.5", "USDT": "812.4"}


class VolumeOut(Answer):
    """What the bot traded, in quote; with status unknown there is no figure, never a 0 in its place."""

    status: ReadStatus
    since: datetime = Field(description="From when on every own trade is known.")
    as_of: datetime | None
    finding: FindingOut | None
    currency: str = Field(examples=["USDT"])
    today: Amount | None = Field(description="Since 00:00 UTC.")
    last_24h: Amount | None
    total: Amount | None = Field(description="Since the bot was made, as are the counts.")
    maker: Amount | None
    taker: Amount | None
    trades: int | None = Field(examples=[42])
    buys: int | None = Field(examples=[20])
    sells: int | None = Field(examples=[22])


class LockedByOut(Answer):
    """Whose orders hold it, as the platform knows them; orders on their way count, so the sum may lead `locked`."""

    this_bot: dict[str, Amount] = Field(description="Both currencies of the pair.", examples=[_PAIR])
    other_bots: dict[str, Amount] = Field(description="Of every client's bots on this exchange account.")
    by_hand: dict[str, Amount] = Field(description="Open orders there that are not the platform's.")


class BalanceAndVolume(Answer):
    bot_id: str
    pair: str = Field(examples=["SHARP/USDT"])
    connector: str = Field(examples=["coinstore"])
    status: ReadStatus
    available: dict[str, Amount] | None = Field(description="Both currencies of the pair.", examples=[_PAIR])
    locked: dict[str, Amount] | None = Field(description="Both currencies of the pair.", examples=[_PAIR])
    locked_by: LockedByOut | None = Field(
        default=None, description="Null: it is not known which orders live there; not part of lists."
    )
    wallet: str | None = Field(description="The wallet it was read from.", examples=["spot"])
    as_of: datetime | None
    age_seconds: float | None = Field(examples=[1.2])
    finding: FindingOut | None
    volume: VolumeOut


class SidesOut(Answer):
    buys: int | None = Field(examples=[11])
    sells: int | None = Field(examples=[9])


class TradeOut(Answer):
    id: str = Field(description="The exchange's own id.", examples=["9007199254740993"])
    time: datetime
    side: str = Field(examples=["buy"])
    price: Amount
    amount: Amount
    cost: Amount = Field(description="In quote.")
    fee: Amount | None = Field(description="Null: the exchange did not say; negative: a rebate.")
    fee_currency: str | None
    role: str | None = Field(description="maker or taker; null: the exchange did not say.", examples=["maker"])


class Stats(Answer):
    bot_id: str
    pair: str = Field(examples=["SHARP/USDT"])
    available: dict[str, Amount] | None = Field(examples=[_PAIR])
    locked: dict[str, Amount] | None = Field(examples=[_PAIR])
    volume_24h: Amount | None = Field(description="In quote; null: unknown.")
    trades_24h: SidesOut
    recent_trades: list[TradeOut] = Field(description="Newest first, at most 10.")
    status: ReadStatus
    as_of: datetime | None
    finding: FindingOut | None
