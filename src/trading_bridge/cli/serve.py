"""`trading-bridge serve`."""

from collections.abc import Mapping

from trading_bridge.app import Platform, calm_collector, run
from trading_bridge.cli.signals import stop_on_signals
from trading_bridge.logs import configure_logs
from trading_bridge.settings import load_settings

#: from the signal to the end of the process, of the 30 s that were promised; orders get 20 of them
END_WITHIN_S = 29


async def run_server(options: Mapping[str, object]) -> None:
    settings = load_settings(**{name: value for name, value in options.items() if value is not None})
    configure_logs(json=settings.log_json, level=settings.log_level)
    asked = stop_on_signals(END_WITHIN_S)

    async def until_asked(_: Platform) -> None:
        calm_collector()
        await asked.wait()

    await run(settings, until_asked, stop=asked)
