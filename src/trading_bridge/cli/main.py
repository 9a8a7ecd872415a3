"""The command line. What a command needs is imported when it runs, so that `--help` stays quick."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from trading_bridge.errors import SettingsError, TradingBridgeError

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
    port: Annotated[int, typer.Option(min=0, max=65535, help="HTTP port; 0 takes a free one.")] = 8100,
) -> None:
    """Runs the sandbox exchange: a real matching engine behind Coinstore's wire protocol."""
    from trading_bridge.cli.sandbox import run_exchange

    _make_folder(state)
    asyncio.run(run_exchange(state, host, port))


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
    raise typer.Exit(asyncio.run(run_doctor(asked)))


@keys.command("new")
def new_key() -> None:
    """Prints a new key for TRADING_BRIDGE_SECRET_KEYS."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


def main() -> None:
    """Errors of ours end in one line that says what to do, without a trace."""
    try:
        app()
    except* TradingBridgeError as group:
        for error in _leaves(group):
            typer.echo(f"trading-bridge: {error}", err=True)
        sys.exit(2)


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
