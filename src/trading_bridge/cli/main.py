"""The command line. What a command needs is imported when it runs, so that `--help` stays quick."""

import asyncio
import gc
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from trading_bridge.errors import SettingsError, TradingBridgeError

T = TypeVar("T")

app = typer.Typer(
    name="trading-bridge",
    help="Trading bots on centralised exchanges, and the truth about their money on screen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Keys that encrypt exchange credentials.", no_args_is_help=True)
app.add_typer(keys, name="keys")


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="HTTP port of the pages; 0 takes a free one.")] = 8000,
    state: Annotated[Path, typer.Option(help="Folder of everything that the demo keeps.")] = Path("data"),
    for_seconds: Annotated[
        float | None, typer.Option("--for", min=0, help="Ends by itself after these seconds.")
    ] = None,
) -> None:
    """Runs the whole product on this machine against its own sandbox exchange."""
    from trading_bridge.cli.demo import run_demo

    _make_folder(state)
    _run(run_demo(state, port, for_seconds))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="HTTP port.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder of the embedded database and the key file.")] = None,
) -> None:
    """Runs server and bots; configured by environment, and by these options before it."""
    from trading_bridge.cli.serve import run_server

    _run(run_server({"host": host, "port": port, "state_dir": state}))


@app.command()
def sandbox(
    state: Annotated[Path, typer.Option(help="Folder of the exchange's own database.")] = Path("data/sandbox"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="HTTP port; 0 takes a free one.")] = 8100,
    apart: Annotated[
        bool, typer.Option("--apart", help="Each exchange has books, accounts and keys of its own; else they share.")
    ] = False,
) -> None:
    """Runs the sandbox exchange: a real matching engine behind the wire protocols of exchanges."""
    from trading_bridge.cli.sandbox import run_exchange

    _make_folder(state)
    _run(run_exchange(state, host, port, apart=apart))


@app.command()
def doctor(
    bot: Annotated[str | None, typer.Option(help="Only this bot, by name or id, with its connector.")] = None,
    connector: Annotated[str | None, typer.Option(help="Only connectors of this name or id, with their bots.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
    outside: Annotated[
        bool, typer.Option("--outside", help="Repeats what fails by another signer, and as curl commands.")
    ] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Only the evidence, as text for the exchange's support.")
    ] = False,
    state: Annotated[Path | None, typer.Option(help="Folder of the embedded database and the key file.")] = None,
    port: Annotated[int | None, typer.Option(help="HTTP port of the server.")] = None,
) -> None:
    """Says what is wrong and how it is mended; changes nothing. Ends with 0 if all is well, 1 with findings."""
    from trading_bridge.cli.doctor import Asked, run_doctor

    asked = Asked(bot=bot, connector=connector, json=json, outside=outside, bundle=bundle, state=state, port=port)
    raise typer.Exit(_run(run_doctor(asked)))


@app.command()
def certify(
    connector: Annotated[str, typer.Option(help="The connector, by name or id.")],
    place_order: Annotated[
        bool, typer.Option("--place-order", help="With one post-only order of the smallest size, far from the market.")
    ] = False,
    market: Annotated[str | None, typer.Option(help="Of the order; else that of the connector's bots.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="The order is placed without a question.")] = False,
    state: Annotated[Path | None, typer.Option(help="Folder of the embedded database and the key file.")] = None,
) -> None:
    """Tries a connector at its real exchange and keeps the record; ends with 0 if all is well, 1 with findings."""
    from trading_bridge.cli.certification_run import Wish
    from trading_bridge.cli.certify import Asked, run_certify

    wish = Wish(connector=connector, place_order=place_order, market=market)
    raise typer.Exit(_run(run_certify(Asked(wish=wish, yes=yes, state=state))))


_BOT = Annotated[str | None, typer.Option(help="A bot, by name or id.")]
_CLIENT = Annotated[str | None, typer.Option(help="A client, by its account or id.")]
_MARKET = Annotated[str | None, typer.Option(help="Exchange and pair, such as `coinstore SHARP/USDT`.")]
_ALL = Annotated[bool, typer.Option("--all", help="The whole platform.")]
_REASON = Annotated[str, typer.Option(help="Why; kept in the audit log with who said it.")]
_STATE = Annotated[Path | None, typer.Option(help="Folder of the embedded database.")]


@app.command()
def kill(
    reason: _REASON,
    bot: _BOT = None,
    client: _CLIENT = None,
    every: _ALL = False,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="Also orders that people placed by hand.")] = False,
    state: _STATE = None,
) -> None:
    """Kill switch: nothing new is sent, every order of a bot, a client or all is cancelled; also beside a server."""
    from trading_bridge.cli.beside import Covered
    from trading_bridge.cli.kill import run_kill

    _run(run_kill(Covered(bot=bot, client=client, all=every), reason, by_hand=by_hand, state=state))


@app.command()
def rearm(reason: _REASON, bot: _BOT = None, client: _CLIENT = None, every: _ALL = False, state: _STATE = None) -> None:
    """Ends a kill: bots go on as they are wished, each after its start checks."""
    from trading_bridge.cli.beside import Covered
    from trading_bridge.cli.kill import run_rearm

    _run(run_rearm(Covered(bot=bot, client=client, all=every), reason, state=state))


@app.command()
def hold(
    reason: _REASON,
    bot: _BOT = None,
    client: _CLIENT = None,
    market: _MARKET = None,
    every: _ALL = False,
    keep: Annotated[bool, typer.Option("--keep", help="Orders that stand are left, instead of cancelled.")] = False,
    starts: Annotated[str | None, typer.Option("--from", help="Start, RFC 3339 with its zone; else now.")] = None,
    until: Annotated[str | None, typer.Option(help="End, RFC 3339 with its zone; else until it is lifted.")] = None,
    state: _STATE = None,
) -> None:
    """Stops quoting for a while, now or at a planned time; also beside a server."""
    from trading_bridge.cli.beside import Covered
    from trading_bridge.cli.hold import run_hold
    from trading_bridge.core.restraint import StandingOrders

    covered = Covered(bot=bot, client=client, market=market, all=every)
    orders = StandingOrders.KEEP if keep else StandingOrders.CANCEL
    _run(run_hold(covered, reason, orders=orders, starts_at=starts, ends_at=until, state=state))


@app.command()
def lift(
    reason: _REASON,
    bot: _BOT = None,
    client: _CLIENT = None,
    market: _MARKET = None,
    every: _ALL = False,
    state: _STATE = None,
) -> None:
    """Ends the holds of a bot, a market, a client or all."""
    from trading_bridge.cli.beside import Covered
    from trading_bridge.cli.hold import run_lift

    _run(run_lift(Covered(bot=bot, client=client, market=market, all=every), reason, state=state))


@keys.command("new")
def new_key() -> None:
    """Prints a new key for TRADING_BRIDGE_SECRET_KEYS."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


def main() -> None:
    """Errors of ours end in one line that says what to do, without a trace."""
    gc.disable()
    try:
        app()
    except* TradingBridgeError as group:
        for error in _leaves(group):
            remedy = "" if error.remedy is None else f" {error.remedy}"
            typer.echo(f"trading-bridge: {error}{remedy}", err=True)
        sys.exit(2)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """With Python's collector from here on: it would take a quarter of a start to walk through what the imports make,
    all of which stays."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    return asyncio.run(work)


def _leaves(group: BaseExceptionGroup[TradingBridgeError]) -> Iterator[TradingBridgeError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _make_folder(folder: Path) -> None:
    """Only its owner may look in: it holds keys."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            "settings.state_dir", f"the folder {folder} cannot be made ({error.strerror}); choose another by --state"
        ) from None


if __name__ == "__main__":
    main()
