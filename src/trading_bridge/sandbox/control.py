"""The control API of one venue: accounts, keys, money from outside, order flow, faults, and the ledger as proof.

Amounts are decimal strings.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from trading_bridge.errors import InvalidInput, NotFound
from trading_bridge.sandbox.accounts import Account, ApiKey, Permission
from trading_bridge.sandbox.control_faults import FaultControl
from trading_bridge.sandbox.control_reply import Json, reply
from trading_bridge.sandbox.engine import Engine
from trading_bridge.sandbox.orders import SandboxOrder
from trading_bridge.sandbox.proof import Proof, statement
from trading_bridge.sandbox.rules import Refusal, from_atoms, plain, to_atoms
from trading_bridge.sandbox.wire.http import Request, Response
from trading_bridge.sandbox.wire.json_in import (
    Fields,
    amount,
    json_object,
    optional_text,
    optional_whole,
    query_fields,
    text,
)

PAGE_MAX = 1000


class Flow(Protocol):
    """Order flow as control sees it."""

    @property
    def paused(self) -> bool: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class StillFlow:
    """No order flow: for tests and for markets that only clients make."""

    def __init__(self) -> None:
        self.paused = False

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


class Control:
    def __init__(self, engine: Engine, flow: Flow, faults: FaultControl, *, token: str) -> None:
        self._engine = engine
        self._flow = flow
        self._faults = faults
        self._token = token
        self._routes: Mapping[tuple[str, str], Callable[[Fields], Json]] = {
            ("GET", "/status"): self._status,
            ("GET", "/accounts"): self._accounts,
            ("POST", "/accounts"): self._create_account,
            ("GET", "/keys"): self._keys,
            ("POST", "/keys"): self._create_key,
            ("POST", "/keys/change"): self._change_key,
            ("POST", "/keys/revoke"): self._revoke_key,
            ("POST", "/deposits"): self._deposit,
            ("POST", "/withdrawals"): self._withdraw,
            ("POST", "/flow/pause"): self._pause,
            ("POST", "/flow/resume"): self._resume,
            ("GET", "/faults"): self._faults.listed,
            ("POST", "/faults"): self._faults.add,
            ("POST", "/faults/clear"): self._faults.clear,
            ("GET", "/ledger"): self._ledger,
            ("GET", "/orders"): self._orders,
            ("GET", "/creates"): self._creates,
        }

    def __call__(self, request: Request) -> Response:
        answer = reply(request, self._token, self._answer)
        self._engine.commit()
        return replace(answer, headers={"X-Request-Id": str(self._engine.sequence)})

    def _answer(self, request: Request) -> Json:
        handler = self._routes.get((request.method, request.path))
        if handler is None:
            raise NotFound("control.path", f"there is no {request.method} {request.path}")
        return handler(query_fields(request.query) if request.method == "GET" else json_object(request.body or b"{}"))

    def _status(self, fields: Fields) -> Json:
        markets = [rules.symbol for rules in self._engine.markets]
        return {
            "sequence": self._engine.sequence,
            "time_ms": self._engine.now_ms(),
            "flow": "paused" if self._flow.paused else "running",
            "markets": markets,
        }

    # -- accounts and keys

    def _accounts(self, fields: Fields) -> Json:
        return {"accounts": [_account_json(account) for account in self._engine.directory.accounts()]}

    def _create_account(self, fields: Fields) -> Json:
        """`active_order_limit` null exempts the account, as a market maker."""
        limits = {"limit": optional_whole(fields, "active_order_limit")} if "active_order_limit" in fields else {}
        account = self._engine.directory.create(
            text(fields, "account"),
            self._engine.now_ms(),
            uid=optional_whole(fields, "uid"),
            account_id=optional_whole(fields, "account_id"),
            **limits,
        )
        return _account_json(account)

    def _keys(self, fields: Fields) -> Json:
        name = self._engine.directory.account(text(fields, "account")).name
        return {"keys": [_key_json(key) for key in self._engine.directory.keys(name)]}

    def _create_key(self, fields: Fields) -> Json:
        """The only answer that shows the secret."""
        permissions = _permissions(fields)
        key = self._engine.directory.create_key(
            text(fields, "account"),
            (Permission.READ, Permission.TRADE) if permissions is None else permissions,
            _texts(fields, "addresses") or (),
            api_key=optional_text(fields, "api_key"),
            secret=optional_text(fields, "secret"),
        )
        return {**_key_json(key), "secret": key.secret}

    def _change_key(self, fields: Fields) -> Json:
        key = self._engine.directory.change_key(
            text(fields, "api_key"), permissions=_permissions(fields), addresses=_texts(fields, "addresses")
        )
        return _key_json(key)

    def _revoke_key(self, fields: Fields) -> Json:
        return _key_json(self._engine.directory.change_key(text(fields, "api_key"), revoked=True))

    # -- money and flow

    def _deposit(self, fields: Fields) -> Json:
        transfer = self._engine.deposit(text(fields, "account"), self._currency(fields), _atoms(fields))
        return {"id": transfer.id, "sequence": self._engine.sequence}

    def _withdraw(self, fields: Fields) -> Json:
        transfer = self._engine.withdraw(text(fields, "account"), self._currency(fields), _atoms(fields))
        if isinstance(transfer, Refusal):
            raise InvalidInput("withdrawal.insufficient", "the free balance is smaller than that", field="amount")
        return {"id": transfer.id, "sequence": self._engine.sequence}

    def _pause(self, fields: Fields) -> Json:
        self._flow.pause()
        return self._status(fields)

    def _resume(self, fields: Fields) -> Json:
        self._flow.resume()
        return self._status(fields)

    # -- proof

    def _ledger(self, fields: Fields) -> Json:
        """Entries with sequences in (after_sequence, until_sequence], oldest first, and the balances at the end of
        `until_sequence`. `next` is the `after_sequence` of the following page; null: there is none."""
        account = self._engine.directory.account(text(fields, "account"))
        now = self._engine.sequence
        until = optional_whole(fields, "until_sequence")
        until = now if until is None else min(until, now)
        after = optional_whole(fields, "after_sequence")
        proof = statement(self._engine, account, after=0 if after is None else after, until=until, limit=_limit(fields))
        return _proof_json(proof, now)

    def _orders(self, fields: Fields) -> Json:
        """Newest first; `state=open` only those that stand; `next` is the `before_id` of the following page."""
        account = self._engine.directory.account(text(fields, "account"))
        if optional_text(fields, "state") == "open":
            found, following = list(reversed(self._engine.open_orders(account.name))), None
        else:
            limit = _limit(fields)
            found = self._engine.store.orders(account.name, before_id=optional_whole(fields, "before_id"), limit=limit)
            following = found[-1].id if len(found) == limit else None
        return {"orders": [self._order_json(order) for order in found], "next": following}

    def _creates(self, fields: Fields) -> Json:
        """Newest first."""
        account = self._engine.directory.account(text(fields, "account"))
        found = self._engine.store.creates(account.name, limit=_limit(fields))
        return {"creates": [request._asdict() for request in found]}

    def _currency(self, fields: Fields) -> str:
        currency = text(fields, "currency").upper()
        if not any(currency in (rules.base, rules.quote) for rules in self._engine.markets):
            raise InvalidInput("currency.unknown", f"no market trades {currency}", field="currency")
        return currency

    def _order_json(self, order: SandboxOrder) -> Json:
        rules = self._engine.rules(order.symbol)
        return {
            "id": order.id,
            "client_order_id": order.client_order_id,
            "symbol": order.symbol,
            "side": order.side.value,
            "price": None if order.is_market else plain(rules.price(order.price)),
            "amount": plain(rules.amount(order.lots)),
            "cost": plain(rules.cost(order.budget)) if order.budget else None,
            "filled": plain(rules.amount(order.filled)),
            "filled_cost": plain(rules.cost(order.filled_cost)),
            "state": order.state.value,
            "created_ms": order.created_ms,
            "traded_ms": order.traded_ms,
        }


def _proof_json(proof: Proof, now: int) -> Json:
    return {
        "account": proof.account,
        "sequence": now,
        "until_sequence": proof.until,
        "balances": {
            currency: {"free": _money(purse.free), "used": _money(purse.used)}
            for currency, purse in proof.balances.items()
        },
        "entries": [
            {
                "sequence": entry.sequence,
                "kind": entry.kind.value,
                "currency": entry.currency,
                "amount": _money(entry.amount),
                "free": _money(entry.free),
                "used": _money(entry.used),
                "reference": entry.reference,
                "time_ms": entry.time_ms,
            }
            for entry in proof.entries
        ],
        "next": proof.following,
    }


def _account_json(account: Account) -> Json:
    return {
        "account": account.name,
        "kind": account.kind.value,
        "uid": account.uid,
        "account_id": account.account_id,
        "active_order_limit": account.active_order_limit,
        "created_ms": account.created_ms,
    }


def _key_json(key: ApiKey) -> Json:
    return {
        "api_key": key.api_key,
        "account": key.account,
        "permissions": sorted(key.permissions),
        "addresses": sorted(key.addresses),
        "revoked": key.revoked,
    }


def _money(atoms: int) -> str:
    return plain(from_atoms(atoms))


def _atoms(fields: Fields) -> int:
    value: Decimal = amount(fields, "amount")
    atoms = to_atoms(value)
    if atoms is None or atoms <= 0:
        raise InvalidInput("amount.invalid", "an amount is above zero and has at most 18 decimals", field="amount")
    return atoms


def _limit(fields: Fields) -> int:
    limit = optional_whole(fields, "limit")
    return PAGE_MAX if limit is None else max(1, min(limit, PAGE_MAX))


def _texts(fields: Fields, name: str) -> tuple[str, ...] | None:
    """None: absent."""
    if (values := fields.get(name)) is None:
        return None
    if not isinstance(values, list):
        raise InvalidInput("request.malformed", f"{name} is a list of texts", field=name)
    found = tuple(value for value in values if isinstance(value, str) and value and " " not in value)
    if len(found) != len(values):
        raise InvalidInput("request.malformed", f"{name} is a list of texts without spaces", field=name)
    return found


def _permissions(fields: Fields) -> tuple[Permission, ...] | None:
    names = _texts(fields, "permissions")
    if names is None:
        return None
    if unknown := [name for name in names if name not in set(Permission)]:
        raise InvalidInput("permission.unknown", f"there is no permission {unknown[0]!r}", field="permissions")
    return tuple(Permission(name) for name in names)
