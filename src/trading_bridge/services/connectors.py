"""Connectors: a client's keys, written once and never read back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from trading_bridge.accounts.host import host_label
from trading_bridge.accounts.life import life_finding
from trading_bridge.core.balance import Balances
from trading_bridge.core.client import Connector, Credentials, ManualTrading, Strangers
from trading_bridge.core.finding import Finding, RecordedFinding, Subject, SubjectKind
from trading_bridge.core.known import Known, Ok, Unknown
from trading_bridge.core.user import Asker
from trading_bridge.diagnosis.catalogue import describe
from trading_bridge.diagnosis.doctor import Draft
from trading_bridge.diagnosis.ladder import Ladder
from trading_bridge.errors import Conflict, InvalidInput
from trading_bridge.exchanges.hosts import Hosts
from trading_bridge.exchanges.registry import ExchangeInfo, described, exchange_info, exchanges, ids
from trading_bridge.services import checks, clients
from trading_bridge.services.deps import Deps
from trading_bridge.services.meaning import connector_of
from trading_bridge.services.reads import balances_of
from trading_bridge.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnector:
    #: None: the exchange's id; where only a name is given, the exchange is that name
    name: str | None
    exchange: str | None
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    memo: str | None = field(repr=False)
    base_url: str | None
    proxy_url: str | None = field(repr=False)
    ipv4_only: bool
    #: how long an answer is waited for; None or 0: as long as the platform does by itself
    timeout_s: int | None = None
    #: what the key is called at the exchange
    key_label: str | None = None
    manual_trading: ManualTrading = ManualTrading.NONE
    #: also when the check fails
    save_anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorEdit:
    """None leaves a value as it is; an empty URL or label, a timeout of 0, removes it; a key comes with its secret."""

    name: str | None = None
    api_key: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    memo: str | None = field(default=None, repr=False)
    base_url: str | None = None
    proxy_url: str | None = field(default=None, repr=False)
    ipv4_only: bool | None = None
    timeout_s: int | None = None
    key_label: str | None = None
    #: another value than before also answers for what was found there
    manual_trading: ManualTrading | None = None
    #: a person says that what was found there and is not ours is known
    answers_for_strangers: bool = False
    save_anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorFacts:
    """A connector with what its session last saw."""

    connector: Connector
    host_label: str | None
    #: ok, stale or unknown
    status: str
    as_of: datetime | None
    finding: Finding | None
    #: row of the finding; None: there is none, or it is not recorded (yet)
    recorded: RecordedFinding | None
    #: what was found at the exchange account and is not ours, until a person answers for it
    strangers: tuple[Finding, ...] = ()
    #: that its exchange is closing or closed
    ends: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    facts: ConnectorFacts
    #: made before it was saved; None: nothing that needs one has changed
    ladder: Ladder | None


class CheckFailed(Conflict):
    """The key or the way to the exchange does not work, and it was not asked to be saved all the same."""

    def __init__(self, ladder: Ladder) -> None:
        finding = ladder.diagnosis
        words = "a step of it failed" if finding is None else describe(finding).title
        super().__init__(
            "connector.check_failed",
            f"It was not saved, because its check failed: {words}.",
            remedy="Mend what the check names, or save it all the same with save_anyway.",
        )
        self.ladder = ladder


async def of_client(asker: Asker, deps: Deps, client_id: str) -> tuple[ConnectorFacts, ...]:
    async with deps.database.unit_of_work(read_only=True) as uow:
        await clients.found(uow, client_id)
        stored = await uow.connectors.list(client_id)
        strangers = {connector.id: await uow.connectors.strangers(connector.id) for connector in stored}
    known = await balances_of(deps, [connector.id for connector in stored])
    return tuple(_facts(deps, connector, known[connector.id], strangers[connector.id]) for connector in stored)


async def create(asker: Asker, deps: Deps, client_id: str, new: NewConnector) -> Saved:
    """Checks everything before anything is stored, the key at the exchange too; the session starts at once."""
    name, info = _name_and_exchange(new.name, new.exchange)
    credentials = _credentials(info, new.api_key, new.secret, new.memo)
    label = _label(new.key_label)
    draft = Draft(
        exchange=info.id,
        credentials=credentials,
        base_url=checks.base_url(new.base_url, deps.hosts) if new.base_url else None,
        proxy_url=checks.proxy_url(new.proxy_url, deps.hosts) if new.proxy_url else None,
        ipv4_only=new.ipv4_only,
        timeout_s=checks.timeout_s(new.timeout_s) if new.timeout_s else None,
    )
    async with deps.database.unit_of_work(read_only=True) as uow:
        await clients.found(uow, client_id)
        await _refuse_taken(uow, client_id, name)
    ladder = await _examined(deps, draft, save_anyway=new.save_anyway)
    async with deps.placing, deps.database.unit_of_work() as uow:
        client = await clients.found(uow, client_id)
        connector = await uow.connectors.add(
            client_id=client_id,
            name=name,
            exchange=info.id,
            base_url=draft.base_url,
            proxy_url=draft.proxy_url,
            ipv4_only=new.ipv4_only,
            timeout_s=draft.timeout_s,
            credentials=credentials,
            set_by=asker.name,
            label=label,
            manual_trading=new.manual_trading,
        )
        details = {
            "name": name,
            "exchange": info.id,
            "manual_trading": new.manual_trading.value,
            "base_url": draft.base_url,
            "timeout_s": draft.timeout_s,
            "key_last4": connector.key_last4,
            "check_passed": ladder.passed,
        }
        await uow.audit.record(asker, "connector.create", "connector", connector.id, details)
    deps.doctor.keep(connector.id, ladder)
    await _took_effect(deps, client.account, connector.id)
    known = (await balances_of(deps, [connector.id]))[connector.id]
    return Saved(facts=_facts(deps, connector, known, Strangers()), ladder=ladder)


async def update(asker: Asker, deps: Deps, client_id: str, connector_id: str, edit: ConnectorEdit) -> Saved:
    """A new key, host, proxy, address family or timeout is checked at the exchange before it is stored."""
    if (edit.api_key is None) != (edit.secret is None):
        raise InvalidInput(
            "credentials.incomplete",
            "Key and secret belong together.",
            field="secret" if edit.secret is None else "api_key",
            remedy="Send both, or none to keep the stored ones.",
        )
    async with deps.database.unit_of_work(read_only=True) as uow:
        before = await _found(uow, client_id, connector_id)
        wished = await _wished(uow, before, edit, deps.hosts)
    ladder = None if wished is None else await _examined(deps, wished, save_anyway=edit.save_anyway)
    async with deps.placing, deps.database.unit_of_work() as uow:
        client = await clients.found(uow, client_id)
        connector = await _found(uow, client_id, connector_id)
        name = connector.name
        if edit.name is not None:
            name = _free_of_other_exchanges(checks.connector_name(edit.name), connector.exchange)
        if name != connector.name:
            await _refuse_in_use(uow, client.account, connector, "renamed")
        base_url = _replaced(connector.base_url, edit.base_url, checks.base_url, deps.hosts)
        if base_url != connector.base_url:
            await _refuse_in_use(uow, client.account, connector, "moved to another host")
        changed = await uow.connectors.update(
            connector_id,
            name=name,
            exchange=connector.exchange,
            base_url=base_url,
            proxy_url=_replaced(connector.proxy_url, edit.proxy_url, checks.proxy_url, deps.hosts),
            ipv4_only=connector.ipv4_only if edit.ipv4_only is None else edit.ipv4_only,
            timeout_s=_timeout_s(connector, edit),
        )
        label = connector.key_label if edit.key_label is None else _label(edit.key_label)
        if edit.api_key is not None and edit.secret is not None:
            credentials = _new_credentials(connector, edit.api_key, edit.secret, edit.memo)
            changed = await uow.connectors.replace_credentials(
                connector_id, credentials, set_by=asker.name, label=label
            )
        elif label != connector.key_label:
            await uow.connectors.set_key_label(connector_id, label)
            changed = await _found(uow, client_id, connector_id)
        if base_url != connector.base_url or edit.api_key is not None:
            await uow.balances.forget(connector_id)  # those numbers may be of another account
        manual_trading = edit.manual_trading or connector.manual_trading
        answers = edit.answers_for_strangers or manual_trading is not connector.manual_trading
        if manual_trading is not connector.manual_trading:
            await uow.connectors.set_manual_trading(connector_id, manual_trading)
        answered = await uow.connectors.strangers(connector_id) if answers else Strangers()
        if answers:
            changed = await uow.connectors.answer_strangers(connector_id)
        strangers = await uow.connectors.strangers(connector_id)
        details = {
            "name": name,
            "base_url": base_url,
            "timeout_s": changed.timeout_s,
            "key_last4": changed.key_last4,
            "check_passed": None if ladder is None else ladder.passed,
            "manual_trading": manual_trading.value,
            "answered_for": sorted(answered.alarms),
        }
        await uow.audit.record(asker, "connector.update", "connector", connector_id, details)
    if ladder is not None:
        deps.doctor.keep(connector_id, ladder)
    await _took_effect(deps, client.account, connector_id)
    known = (await balances_of(deps, [connector_id]))[connector_id]
    return Saved(facts=_facts(deps, changed, known, strangers), ladder=ladder)


async def delete(asker: Asker, deps: Deps, client_id: str, connector_id: str) -> None:
    """Wipes the key. Refused while a bot of this connector runs, or has orders that may live."""
    async with deps.placing, deps.database.unit_of_work() as uow:
        client = await clients.found(uow, client_id)
        connector = await _found(uow, client_id, connector_id)
        await _refuse_in_use(uow, client.account, connector, "removed")
        await uow.connectors.delete(connector_id)
        await uow.audit.record(asker, "connector.delete", "connector", connector_id, {"name": connector.name})
    await _took_effect(deps, client.account, connector_id)


async def balances(asker: Asker, deps: Deps, client_id: str, connector_id: str, *, refresh: bool) -> Known[Balances]:
    async with deps.database.unit_of_work(read_only=True) as uow:
        await _found(uow, client_id, connector_id)
    return await deps.manager.balances(connector_id, force=refresh)


async def check(asker: Asker, deps: Deps, client_id: str, connector_id: str) -> tuple[Known[Balances], Ladder]:
    """The doctor's ladder with this key, now, and what is known of its balances after it."""
    async with deps.database.unit_of_work() as uow:
        client = await clients.found(uow, client_id)
        connector = await _found(uow, client_id, connector_id)
        await uow.audit.record(asker, "connector.check", "connector", connector_id, {})
    await deps.manager.sync(client.account)
    ladder = await deps.doctor.examine(connector_id) or await _without_session(deps, connector)
    return await deps.manager.balances(connector_id), ladder


async def _without_session(deps: Deps, connector: Connector) -> Ladder:
    """Of a connector whose key is missing or cannot be read: what can be told without it."""
    known = await deps.manager.balances(connector.id)
    async with deps.database.unit_of_work(read_only=True) as uow:
        proxy_lost = await uow.connectors.proxy_lost(connector.id)
    return await deps.doctor.examine_draft(
        Draft(
            exchange=connector.exchange,
            credentials=None,
            base_url=connector.base_url,
            proxy_url=connector.proxy_url,
            ipv4_only=connector.ipv4_only,
            timeout_s=connector.timeout_s,
            missing=known.finding,
            proxy_lost=proxy_lost,
        )
    )


async def _examined(deps: Deps, draft: Draft, *, save_anyway: bool) -> Ladder:
    ladder = await deps.doctor.examine_draft(draft)
    if not ladder.passed and not save_anyway:
        raise CheckFailed(ladder)
    return ladder


async def _wished(uow: UnitOfWork, connector: Connector, edit: ConnectorEdit, hosts: Hosts) -> Draft | None:
    """The connector as it would be; None: the exchange would see no difference."""
    proxy_url = _replaced(connector.proxy_url, edit.proxy_url, checks.proxy_url, hosts)
    draft = Draft(
        exchange=connector.exchange,
        credentials=None,
        base_url=_replaced(connector.base_url, edit.base_url, checks.base_url, hosts),
        proxy_url=proxy_url,
        ipv4_only=connector.ipv4_only if edit.ipv4_only is None else edit.ipv4_only,
        timeout_s=_timeout_s(connector, edit),
        proxy_lost=proxy_url is None and await uow.connectors.proxy_lost(connector.id),
    )
    same = (connector.base_url, connector.proxy_url, connector.ipv4_only, connector.timeout_s)
    if edit.api_key is not None and edit.secret is not None:
        return replace(draft, credentials=_new_credentials(connector, edit.api_key, edit.secret, edit.memo))
    if (draft.base_url, draft.proxy_url, draft.ipv4_only, draft.timeout_s) == same:
        return None
    return replace(draft, credentials=await uow.connectors.credentials(connector.id))


def _timeout_s(connector: Connector, edit: ConnectorEdit) -> int | None:
    if edit.timeout_s is None:
        return connector.timeout_s
    return checks.timeout_s(edit.timeout_s) if edit.timeout_s else None


def _new_credentials(connector: Connector, api_key: str, secret: str, memo: str | None) -> Credentials:
    info = exchange_info(connector.exchange)
    if info is None:
        raise InvalidInput(
            "exchange.unknown",
            f"This version cannot use the exchange {connector.exchange} of {connector.name}.",
            field="exchange",
            remedy="Install the version that has it, or delete the connector.",
        )
    return _credentials(info, api_key, secret, memo)


def _label(given: str | None) -> str | None:
    return checks.text(given, "key_label") if given is not None and given.strip() else None


async def _refuse_taken(uow: UnitOfWork, client_id: str, name: str) -> None:
    if any(one.name == name for one in await uow.connectors.list(client_id)):
        raise Conflict(
            "connector.exists",
            f"The client has a connector {name} already; letter case does not tell two apart.",
            field="name",
            remedy="Choose another name, or change the existing connector.",
        )


async def _took_effect(deps: Deps, account: str, connector_id: str) -> None:
    await deps.manager.sync(account)
    deps.runner.wake()
    deps.publish("connector", connector_id)


def _name_and_exchange(name: str | None, exchange: str | None) -> tuple[str, ExchangeInfo]:
    named = name if name is not None and name.strip() else None
    wanted = exchange if exchange is not None and exchange.strip() else named
    if wanted is None:
        raise InvalidInput(
            "exchange.missing",
            "Neither a name nor an exchange is given.",
            field="exchange",
            remedy=checks.nearest("", ids(described()), ids(exchanges())),
        )
    info = exchange_info(wanted.strip().lower())
    if info is None:
        raise InvalidInput(
            "exchange.unknown",
            f"There is no exchange {checks.text(wanted, 'exchange')}.",
            field="exchange" if wanted is exchange else "name",
            remedy=checks.nearest(wanted, ids(described()), ids(exchanges())),
        )
    clean = checks.connector_name(named if named is not None else info.id)
    return _free_of_other_exchanges(clean, info.id), info


def _free_of_other_exchanges(name: str, exchange: str) -> str:
    """A name that is another exchange's id would mean two things to a bot."""
    other = exchange_info(name)
    if other is not None and other.id != exchange:
        raise InvalidInput(
            "name.is_exchange",
            f"The name {name} is the id of another exchange.",
            field="name",
            remedy=f"Choose another name for this key at {exchange}.",
        )
    return name


def _credentials(info: ExchangeInfo, api_key: str, secret: str, memo: str | None) -> Credentials:
    needs_memo = any(wanted.required and wanted.name == "memo" for wanted in info.credential_fields)
    labels = {wanted.name: wanted.label for wanted in info.credential_fields}
    given = memo is not None and memo.strip() != ""
    return Credentials(
        api_key=checks.secret(api_key, "api_key"),
        secret=checks.secret(secret, "secret"),
        memo=checks.secret(memo or "", "memo", labels.get("memo")) if given or needs_memo else None,
    )


def _replaced(now: str | None, edit: str | None, check: Callable[[str, Hosts], str], hosts: Hosts) -> str | None:
    if edit is None:
        return now
    return check(edit, hosts) if edit.strip() else None


async def _found(uow: UnitOfWork, client_id: str, connector_id: str) -> Connector:
    connector = await uow.connectors.get(checks.ident(connector_id, "connector"))
    if connector is None or connector.client_id != client_id:
        raise checks.not_found("connector", connector_id)
    return connector


async def _refuse_in_use(uow: UnitOfWork, account: str, connector: Connector, what: str) -> None:
    """A bot that runs on it, or whose orders may live there, needs it as it is."""
    live = await uow.orders.live_ids(connector_id=connector.id)
    if live:
        raise Conflict(
            "connector.in_use",
            f"The connector {connector.name} cannot be {what}: {len(live)} orders may still live there.",
            remedy="Stop its bots, and wait until their orders are confirmed as gone.",
        )
    existing = await uow.connectors.list(connector.client_id)
    for bot in await uow.bots.running():
        if bot.account != account:
            continue
        meant = connector_of(bot.connector, existing)
        if meant is not None and meant.id == connector.id:
            raise Conflict(
                "connector.in_use",
                f"The connector {connector.name} cannot be {what} while the bot {bot.name} runs on it.",
                remedy=f"Stop {bot.name} first.",
            )


def _facts(deps: Deps, connector: Connector, known: Known[Balances], strangers: Strangers) -> ConnectorFacts:
    subject = Subject(kind=SubjectKind.CONNECTOR, id=connector.id)
    return ConnectorFacts(
        connector=connector,
        host_label=host_label(connector.base_url),
        status="ok" if isinstance(known, Ok) else "unknown" if isinstance(known, Unknown) else "stale",
        as_of=None if isinstance(known, Unknown) else known.as_of,
        finding=known.finding,
        recorded=None if known.finding is None else deps.findings.of((subject,), known.finding),
        strangers=tuple(strangers.alarms.values()),
        ends=life_finding(connector.exchange, connector.base_url, deps.clock.now()),
    )
