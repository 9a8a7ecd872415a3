"""Connectors: the one place where credentials are stored and read."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from trading_bridge.core.client import (
    Connector,
    Credentials,
    KeyState,
    ManualTrading,
    Strangers,
    connector_key,
)
from trading_bridge.core.finding import Finding, Severity
from trading_bridge.errors import Conflict, NotFound, TradingBridgeError
from trading_bridge.logs import conceal, conceal_url
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.secrets import Undecryptable
from trading_bridge.storage.tables import clients, connectors
from trading_bridge.storage.types import AnyRow

_LIVING = (
    select(connectors, clients.c.account)
    .join(clients, connectors.c.client_id == clients.c.id)
    .where(connectors.c.deleted_at.is_(None))
)


class Connectors:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._connection = context.connection
        self._secrets = context.secrets

    async def add(
        self,
        *,
        client_id: str,
        name: str,
        exchange: str,
        credentials: Credentials | None,
        base_url: str | None = None,
        proxy_url: str | None = None,
        ipv4_only: bool = False,
        timeout_s: int | None = None,
        set_by: str | None = None,
        label: str | None = None,
        manual_trading: ManualTrading = ManualTrading.NONE,
    ) -> Connector:
        """Stores the name in lower case; raises Conflict where the client has that name, in whatever case."""
        connector_id, now = self._context.new_id(), self._context.clock.now()
        await self._context.write(
            insert(connectors).values(
                id=connector_id,
                client_id=client_id,
                name=connector_key(name),
                exchange=exchange,
                base_url=base_url,
                ipv4_only=ipv4_only,
                timeout_s=timeout_s,
                credentials=self._sealed(connector_id, credentials),
                proxy_url=self._sealed_proxy(connector_id, proxy_url),
                key_last4=_last4(credentials),
                key_label=label,
                key_set_at=None if credentials is None else now,
                key_set_by=None if credentials is None else set_by,
                manual_trading=manual_trading,
                version=1,
                created_at=now,
                updated_at=now,
            ),
            _taken(name),
        )
        return await self._require(connector_id)

    async def get(self, connector_id: str) -> Connector | None:
        found = await self._connection.execute(_LIVING.where(connectors.c.id == connector_id))
        row = found.one_or_none()
        return None if row is None else self._connector(row)

    async def list(self, client_id: str | None = None) -> tuple[Connector, ...]:
        """Of one client or of all, by name."""
        wanted = _LIVING.order_by(connectors.c.name, connectors.c.id)
        if client_id is not None:
            wanted = wanted.where(connectors.c.client_id == client_id)
        return tuple(self._connector(row) for row in await self._connection.execute(wanted))

    async def update(
        self,
        connector_id: str,
        *,
        name: str,
        exchange: str,
        base_url: str | None,
        proxy_url: str | None,
        ipv4_only: bool,
        timeout_s: int | None,
    ) -> Connector:
        """All but the key; raises NotFound, or Conflict where the client has the name already. A stored proxy that
        cannot be read stays until another one takes its place: without it a session would connect directly."""
        sealed = self._sealed_proxy(connector_id, proxy_url)
        if proxy_url is None:
            sealed = await self._unreadable_proxy(connector_id)
        return await self._change(
            connector_id,
            _taken(name),
            name=connector_key(name),
            exchange=exchange,
            base_url=base_url,
            proxy_url=sealed,
            ipv4_only=ipv4_only,
            timeout_s=timeout_s,
        )

    async def replace_credentials(
        self, connector_id: str, credentials: Credentials, *, set_by: str | None = None, label: str | None = None
    ) -> Connector:
        """The account behind the new key is not known until it is read, and the label of the old one goes with it.
        Raises NotFound."""
        return await self._change(
            connector_id,
            _gone(connector_id),
            credentials=self._sealed(connector_id, credentials),
            key_last4=_last4(credentials),
            key_label=label,
            key_set_at=self._context.clock.now(),
            key_set_by=set_by,
            key_last_success_at=None,
            exchange_account=None,
        )

    async def set_key_label(self, connector_id: str, label: str | None) -> None:
        """Nothing that a session would have to start over for."""
        await self._note(connector_id, key_label=label)

    async def set_manual_trading(self, connector_id: str, manual_trading: ManualTrading) -> Connector:
        """Raises NotFound."""
        return await self._change(connector_id, _gone(connector_id), manual_trading=manual_trading)

    async def strangers(self, connector_id: str) -> Strangers:
        found = await self._connection.execute(
            select(connectors.c.strangers, connectors.c.strangers_answered_at).where(connectors.c.id == connector_id)
        )
        row = found.one_or_none()
        if row is None:
            return Strangers()
        return Strangers(alarms=_alarms(row.strangers), answered_at=row.strangers_answered_at)

    async def strangers_found(self, connector_id: str, alarms: Mapping[str, Finding]) -> None:
        """Nothing that a session would have to start over for."""
        written = {
            code: {"since": one.since.isoformat(), "parameters": dict(one.parameters)} for code, one in alarms.items()
        }
        await self._note(connector_id, strangers=json.dumps(written))

    async def answer_strangers(self, connector_id: str) -> Connector:
        """A person has said that what was found there up to now is known. Raises NotFound."""
        gone, now = _gone(connector_id), self._context.clock.now()
        return await self._change(connector_id, gone, strangers=None, strangers_answered_at=now)

    async def key_succeeded(self, connector_id: str, at: datetime) -> None:
        """The exchange accepted a call signed with the key. What came before the key was entered, or before the last
        success, changes nothing."""
        await self._connection.execute(
            update(connectors)
            .where(
                connectors.c.id == connector_id,
                connectors.c.deleted_at.is_(None),
                or_(connectors.c.key_set_at.is_(None), connectors.c.key_set_at <= at),
                or_(connectors.c.key_last_success_at.is_(None), connectors.c.key_last_success_at < at),
            )
            .values(key_last_success_at=at)
        )

    async def set_exchange_account(self, connector_id: str, exchange_account: str) -> None:
        """What the exchange's answers said; nothing that a session would have to start over for."""
        await self._note(connector_id, exchange_account=exchange_account)

    async def delete(self, connector_id: str) -> None:
        """Wipes its secrets; the row stays for the orders and fills that name it. Raises NotFound."""
        gone = _gone(connector_id)
        now = self._context.clock.now()
        await self._set(connector_id, gone, credentials=None, proxy_url=None, deleted_at=now)

    async def credentials(self, connector_id: str) -> Credentials | None:
        """None: no key is stored. Raises Undecryptable, also when it is the proxy that cannot be read: a session
        made without it would connect directly."""
        found = await self._connection.execute(
            select(connectors.c.credentials, connectors.c.proxy_url).where(
                connectors.c.id == connector_id, connectors.c.deleted_at.is_(None)
            )
        )
        row = found.one_or_none()
        if row is None or row.credentials is None:
            return None
        if row.proxy_url is not None:
            self._secrets.decrypt(row.proxy_url, _proxy_row(connector_id))
        return _concealed(Credentials(**json.loads(self._secrets.decrypt(row.credentials, _key_row(connector_id)))))

    async def proxy_lost(self, connector_id: str) -> bool:
        """A proxy is stored that cannot be read: a session made without it would connect directly."""
        return await self._unreadable_proxy(connector_id) is not None

    async def key_state(self, connector_id: str) -> KeyState:
        """Whether a session could be made with what is stored."""
        try:
            credentials = await self.credentials(connector_id)
        except Undecryptable:
            return KeyState.UNDECRYPTABLE
        return KeyState.MISSING if credentials is None else KeyState.PRESENT

    async def _note(self, connector_id: str, **values: object) -> None:
        await self._connection.execute(
            update(connectors)
            .where(connectors.c.id == connector_id, connectors.c.deleted_at.is_(None))
            .values(**values)
        )

    async def _change(self, connector_id: str, duplicate: TradingBridgeError, **values: object) -> Connector:
        await self._set(connector_id, duplicate, **values)
        return await self._require(connector_id)

    async def _set(self, connector_id: str, duplicate: TradingBridgeError, **values: object) -> None:
        statement = update(connectors).where(connectors.c.id == connector_id, connectors.c.deleted_at.is_(None))
        changed = await self._context.write(
            statement.values(**values, version=connectors.c.version + 1, updated_at=self._context.clock.now()),
            duplicate,
        )
        if changed == 0:
            raise _gone(connector_id)

    async def _require(self, connector_id: str) -> Connector:
        connector = await self.get(connector_id)
        assert connector is not None
        return connector

    def _sealed(self, connector_id: str, credentials: Credentials | None) -> str | None:
        if credentials is None:
            return None
        _concealed(credentials)
        plain = {"api_key": credentials.api_key, "secret": credentials.secret, "memo": credentials.memo}
        return self._secrets.encrypt(json.dumps(plain), _key_row(connector_id))

    def _sealed_proxy(self, connector_id: str, proxy_url: str | None) -> str | None:
        conceal_url(proxy_url)
        return None if proxy_url is None else self._secrets.encrypt(proxy_url, _proxy_row(connector_id))

    async def _unreadable_proxy(self, connector_id: str) -> str | None:
        found = await self._connection.execute(select(connectors.c.proxy_url).where(connectors.c.id == connector_id))
        stored = found.scalar_one_or_none()
        return stored if stored is not None and self._proxy(connector_id, stored) is None else None

    def _connector(self, row: AnyRow) -> Connector:
        return Connector(
            id=row.id,
            client_id=row.client_id,
            account=row.account,
            name=row.name,
            exchange=row.exchange,
            base_url=row.base_url,
            proxy_url=self._proxy(row.id, row.proxy_url),
            ipv4_only=row.ipv4_only,
            key_last4=row.key_last4,
            exchange_account=row.exchange_account,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            key_label=row.key_label,
            key_set_at=row.key_set_at,
            key_set_by=row.key_set_by,
            key_last_success_at=row.key_last_success_at,
            manual_trading=row.manual_trading,
            timeout_s=row.timeout_s,
        )

    def _proxy(self, connector_id: str, stored: str | None) -> str | None:
        """None also when it cannot be read: one bad row hides no other, and `credentials` refuses it."""
        if stored is None:
            return None
        try:
            proxy_url = self._secrets.decrypt(stored, _proxy_row(connector_id))
        except Undecryptable:
            return None
        conceal_url(proxy_url)
        return proxy_url


def _alarms(written: str | None) -> Mapping[str, Finding]:
    return {
        code: Finding(
            code=code,
            severity=Severity.CRITICAL,
            since=datetime.fromisoformat(one["since"]),
            parameters=one["parameters"],
        )
        for code, one in json.loads(written or "{}").items()
    }


def _concealed(credentials: Credentials) -> Credentials:
    """No log line shows them from here on."""
    for value in (credentials.api_key, credentials.secret, credentials.memo):
        conceal(value)
    return credentials


def _key_row(connector_id: str) -> str:
    return f"connectors/{connector_id}/credentials"


def _proxy_row(connector_id: str) -> str:
    return f"connectors/{connector_id}/proxy_url"


def _last4(credentials: Credentials | None) -> str | None:
    return None if credentials is None else credentials.api_key[-4:]


def _taken(name: str) -> Conflict:
    return Conflict(
        "connector.exists",
        f"the client has a connector {connector_key(name)!r} already; letter case does not tell two apart",
        field="name",
        remedy="Choose another name, or change the existing connector.",
    )


def _gone(connector_id: str) -> NotFound:
    return NotFound("connector.not_found", f"there is no connector {connector_id!r}")
