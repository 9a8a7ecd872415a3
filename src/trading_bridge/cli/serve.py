"""`trading-bridge serve`."""

from collections.abc import Mapping

from trading_bridge.app import Platform, run
from trading_bridge.cli.signals import stop_on_signals
from trading_bridge.logs import configure_logs
from trading_bridge.settings import load_settings


async def run_server(options: Mapping[str, object]) -> None:
    settings = load_settings(**{name: value for name, value in options.items() if value is not None})
    configure_logs(json=settings.log_json, level=settings.log_level)
    asked = stop_on_signals()

    async def until_asked(_: Platform) -> None:
        await asked.wait()

    await run(settings, until_asked)
