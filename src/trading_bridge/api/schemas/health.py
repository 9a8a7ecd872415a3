"""The process in detail: its lease, and what it would leave behind."""

from pydantic import Field

from trading_bridge.api.schemas.common import Answer, FindingOut


class LeaseOut(Answer):
    """Under which this process sends orders."""

    shard: int = Field(description="The part of the clients that it covers; one process has all of them.")
    epoch: int = Field(description="Part of every client order id that it makes.", examples=[1795275310])
    holder: str = Field(examples=["bridge-1:4242"])
    seconds_left: float | None = Field(
        description="Until it stops sending unless it renews; null: a lock on the file proves it.", examples=[7.2]
    )
    finding: FindingOut | None = Field(description="Why nothing may be sent now.")


class LeftBehindOut(Answer):
    """Orders at one exchange account that nobody would watch."""

    connector_id: str
    connector: str | None = Field(description="Null: no session serves it.", examples=["coinstore"])
    account: str | None = Field(examples=["client_sharp"])
    exchange: str | None = Field(examples=["Coinstore"])
    orders: int | None = Field(description="Known to stand; null: nobody can look.")
    unresolved: int | None = Field(description="They may stand, or may have ended; null: nobody can look.")
    dead_mans_switch: bool = Field(description="The exchange cancels by itself what nobody watches any more.")
    finding: FindingOut | None = Field(description="Why nobody can look.")
    text: str = Field(
        examples=["4 orders stand at Coinstore, which has no dead man's switch: nothing cancels them by itself."]
    )


class HealthDetail(Answer):
    version: str = Field(examples=["0.4.0"])
    lease: LeaseOut | None = Field(description="Null: this process sends no orders.")
    if_host_dies: list[LeftBehindOut] = Field(
        description="What stays at the exchanges, and can trade there, until a server on this database runs again."
    )
