"""Who may call which route. A route without a rule fails a test, and is closed to strangers meanwhile."""

from enum import Enum


class Rule(Enum):
    OPEN = "open"
    SIGNED_IN = "signed in"


_CLIENT = "/api/clients/{client_id}"
_CONNECTOR = _CLIENT + "/connectors/{connector_id}"
_BOT = "/api/bots/{bot_id}"
_LIMITS = "/api/limits/{kind}/{scope_id}"

#: method, path -> rule
RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/api/health"): Rule.OPEN,
    ("GET", "/api/ready"): Rule.OPEN,
    ("GET", "/api/health/detail"): Rule.SIGNED_IN,
    ("GET", "/api/openapi.json"): Rule.OPEN,
    ("POST", "/api/auth/login"): Rule.OPEN,
    ("POST", "/api/auth/setup"): Rule.OPEN,
    ("POST", "/api/auth/logout"): Rule.SIGNED_IN,
    ("GET", "/api/auth/me"): Rule.SIGNED_IN,
    ("GET", "/api/clients"): Rule.SIGNED_IN,
    ("POST", "/api/clients"): Rule.SIGNED_IN,
    ("GET", _CLIENT): Rule.SIGNED_IN,
    ("PUT", _CLIENT): Rule.SIGNED_IN,
    ("DELETE", _CLIENT): Rule.SIGNED_IN,
    ("GET", _CLIENT + "/connectors"): Rule.SIGNED_IN,
    ("POST", _CLIENT + "/connectors"): Rule.SIGNED_IN,
    ("PUT", _CONNECTOR): Rule.SIGNED_IN,
    ("DELETE", _CONNECTOR): Rule.SIGNED_IN,
    ("GET", _CONNECTOR + "/balances"): Rule.SIGNED_IN,
    ("POST", _CONNECTOR + "/check"): Rule.SIGNED_IN,
    ("GET", "/api/exchanges"): Rule.SIGNED_IN,
    ("GET", "/api/exchanges/{exchange_id}/markets"): Rule.SIGNED_IN,
    ("GET", "/api/bot-types"): Rule.SIGNED_IN,
    ("GET", "/api/bots"): Rule.SIGNED_IN,
    ("POST", "/api/bots/create"): Rule.SIGNED_IN,
    ("GET", _BOT): Rule.SIGNED_IN,
    ("PUT", _BOT): Rule.SIGNED_IN,
    ("DELETE", _BOT): Rule.SIGNED_IN,
    ("POST", _BOT + "/start"): Rule.SIGNED_IN,
    ("POST", _BOT + "/stop"): Rule.SIGNED_IN,
    ("GET", _BOT + "/balance-and-volume"): Rule.SIGNED_IN,
    ("GET", _BOT + "/stats"): Rule.SIGNED_IN,
    ("GET", _BOT + "/balance-debug"): Rule.SIGNED_IN,
    ("GET", _BOT + "/trades"): Rule.SIGNED_IN,
    ("GET", _BOT + "/orders"): Rule.SIGNED_IN,
    ("GET", _BOT + "/chart"): Rule.SIGNED_IN,
    ("GET", _BOT + "/decisions"): Rule.SIGNED_IN,
    ("GET", _BOT + "/findings"): Rule.SIGNED_IN,
    ("GET", "/api/findings"): Rule.SIGNED_IN,
    ("PUT", "/api/findings/{finding_id}/note"): Rule.SIGNED_IN,
    ("GET", "/api/findings/{finding_id}/evidence"): Rule.SIGNED_IN,
    ("GET", "/api/transfers"): Rule.SIGNED_IN,
    ("POST", "/api/transfers/{transfer_id}/label"): Rule.SIGNED_IN,
    ("GET", "/api/kills"): Rule.SIGNED_IN,
    ("POST", "/api/kills"): Rule.SIGNED_IN,
    ("POST", "/api/kills/{kill_id}/rearm"): Rule.SIGNED_IN,
    ("GET", "/api/holds"): Rule.SIGNED_IN,
    ("POST", "/api/holds"): Rule.SIGNED_IN,
    ("POST", "/api/holds/{hold_id}/lift"): Rule.SIGNED_IN,
    ("GET", _LIMITS): Rule.SIGNED_IN,
    ("PUT", _LIMITS): Rule.SIGNED_IN,
    ("POST", _BOT + "/resume"): Rule.SIGNED_IN,
    ("GET", "/api/events"): Rule.SIGNED_IN,
}

#: answered also without the prefix `/api`
BARE = frozenset({"bots", "clients", "exchanges", "auth", "health", "ready"})

_OPEN = frozenset(key for key, rule in RULES.items() if rule is Rule.OPEN)


def is_open(method: str, path: str) -> bool:
    """Whether a stranger may ask: the open routes, and the pages, which hold nothing of anybody."""
    if (method, path) in _OPEN:
        return True
    return method in ("GET", "HEAD") and (path in ("/", "/app") or path.startswith("/app/"))
