"""Who has an account and which keys open it."""

from collections.abc import Iterable
from dataclasses import replace

from trading_bridge.clock import Entropy
from trading_bridge.errors import Conflict, InvalidInput, NotFound
from trading_bridge.sandbox.accounts import Account, AccountKind, ApiKey, Permission
from trading_bridge.sandbox.store import Store

MARKET_MAKER = "market-maker"
MARKET_TAKER = "market-taker"
FEES = "fees"

#: of a regular account (reference section 4); market-making accounts have none
ACTIVE_ORDER_LIMIT = 50

_FIRST_UID = 315_001
_FIRST_ACCOUNT_ID = 1_134_001


class Directory:
    def __init__(self, store: Store, entropy: Entropy, now_ms: int) -> None:
        self._store = store
        self._entropy = entropy
        self._accounts = {account.name: account for account in store.accounts()}
        self._keys = {key.api_key: key for key in store.keys()}
        for name, kind in (
            (FEES, AccountKind.HOUSE),
            (MARKET_MAKER, AccountKind.MARKET),
            (MARKET_TAKER, AccountKind.MARKET),
        ):
            if name not in self._accounts:
                self._add(name, kind, now_ms, limit=None, uid=None, account_id=None)

    @property
    def fees(self) -> Account:
        return self._accounts[FEES]

    def account(self, name: str) -> Account:
        account = self._accounts.get(name)
        if account is None:
            raise NotFound("account.unknown", f"there is no account {name!r}", field="account")
        return account

    def accounts(self) -> tuple[Account, ...]:
        return tuple(self._accounts.values())

    def create(
        self,
        name: str,
        now_ms: int,
        *,
        uid: int | None = None,
        account_id: int | None = None,
        limit: int | None = ACTIVE_ORDER_LIMIT,
    ) -> Account:
        """A regular account; accounts of one `uid` share its request rate."""
        if not name or name != name.strip() or len(name) > 100:
            raise InvalidInput("account.name", "an account needs a name without outer space", field="account")
        if name in self._accounts:
            raise Conflict("account.exists", f"there is an account {name!r} already", field="account")
        if any(account.account_id == account_id for account in self._accounts.values()):
            raise Conflict("account.exists", f"account id {account_id} is taken", field="account_id")
        return self._add(name, AccountKind.REGULAR, now_ms, limit=limit, uid=uid, account_id=account_id)

    def key(self, api_key: str) -> ApiKey | None:
        return self._keys.get(api_key)

    def keys(self, account: str) -> tuple[ApiKey, ...]:
        return tuple(key for key in self._keys.values() if key.account == account)

    def create_key(
        self,
        account: str,
        permissions: Iterable[Permission],
        addresses: Iterable[str],
        *,
        api_key: str | None = None,
        secret: str | None = None,
    ) -> ApiKey:
        self.account(account)
        api_key = api_key or self._entropy.token(32)
        if api_key in self._keys:
            raise Conflict("key.exists", "there is such a key already", field="api_key")
        key = ApiKey(
            api_key=api_key,
            secret=secret or self._entropy.token(32),
            account=account,
            permissions=frozenset(permissions),
            addresses=frozenset(addresses),
        )
        return self._put(key)

    def change_key(
        self,
        api_key: str,
        *,
        permissions: Iterable[Permission] | None = None,
        addresses: Iterable[str] | None = None,
        revoked: bool | None = None,
    ) -> ApiKey:
        """None leaves a property as it is. A revoked key stays known and is refused like an unknown one."""
        key = self._keys.get(api_key)
        if key is None:
            raise NotFound("key.unknown", "there is no such key", field="api_key")
        return self._put(
            replace(
                key,
                permissions=key.permissions if permissions is None else frozenset(permissions),
                addresses=key.addresses if addresses is None else frozenset(addresses),
                revoked=key.revoked if revoked is None else revoked,
            )
        )

    def _put(self, key: ApiKey) -> ApiKey:
        self._keys[key.api_key] = key
        self._store.key(key)
        return key

    def _add(
        self, name: str, kind: AccountKind, now_ms: int, *, limit: int | None, uid: int | None, account_id: int | None
    ) -> Account:
        if uid is None:
            uid = max((account.uid for account in self._accounts.values()), default=_FIRST_UID - 1) + 1
        if account_id is None:
            account_id = max((a.account_id for a in self._accounts.values()), default=_FIRST_ACCOUNT_ID - 1) + 1
        account = Account(
            name=name, kind=kind, uid=uid, account_id=account_id, active_order_limit=limit, created_ms=now_ms
        )
        self._accounts[name] = account
        self._store.account(account)
        return account
