"""The command line. What a command needs is imported when it runs, so that `--help` stays quick."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from trading_bridge.errors import TradingBridgeError

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
    port: Annotated[int, typer.Option(help="HTTP port of the pages; 0 takes a free one.")] = 8000,
    state: Annotated[Path, typer.Option(help="Folder of everything that the demo keeps.")] = Path("data"),
    for_seconds: Annotated[float | None, typer.Option("--for", help="Ends by itself after so many seconds.")] = None,
) -> None:
    """Runs the whole product on this machine against its own sandbox exchange."""
    from trading_bridge.cli.demo import run_demo

    state.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_demo(state, port, for_seconds))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="HTTP port.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder of the embedded database and the key file.")] = None,
) -> None:
    """Runs server and bots; configured by environment, and by these options before it."""
    from trading_bridge.cli.serve import run_server

    asyncio.run(run_server({"host": host, "port": port, "state_dir": state}))


@app.command()
def sandbox(
    state: Annotated[Path, typer.Option(help="Folder of the exchange's own database.")] = Path("data/sandbox"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="HTTP port; 0 takes a free one.")] = 8100,
) -> None:
    """Runs the sandbox exchange: a real matching engine behind Coinstore's wire protocol."""
    from trading_bridge.cli.sandbox import run_exchange

    state.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_exchange(state, host, port))


@keys.command("new")
def new_key() -> None:
    """Prints a new key for TRADING_BRIDGE_SECRET_KEYS."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


def main() -> None:
    """Errors of ours end in one line that says what to do, without a trace."""
    try:
        app()
    except TradingBridgeError as error:
        typer.echo(f"trading-bridge: {error.message}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
