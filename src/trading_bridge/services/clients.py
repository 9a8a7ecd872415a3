"""Clients: made, listed, changed, removed."""

from trading_bridge.core.client import Client, account_key
from trading_bridge.core.user import Asker
from trading_bridge.errors import Conflict
from trading_bridge.services import checks
from trading_bridge.services.deps import Deps
from trading_bridge.storage.page import Page
from trading_bridge.storage.unit_of_work import UnitOfWork


async def create(asker: Asker, deps: Deps, *, name: str, account: str) -> Client:
    """The account is unique irrespective of case and outer space."""
    clean_name = checks.text(name, "name")
    clean_account = checks.text(account, "account", max_length=checks.ACCOUNT_MAX)
    async with deps.database.unit_of_work() as uow:
        client = await uow.clients.add(name=clean_name, account=clean_account)
        details = {"name": clean_name, "account": clean_account}
        await uow.audit.record(asker, "client.create", "client", client.id, details)
    deps.publish("client", client.id)
    return client


async def page(asker: Asker, deps: Deps, *, cursor: str | None) -> Page[Client]:
    position = checks.cursor(cursor)
    async with deps.database.unit_of_work(read_only=True) as uow:
        return await uow.clients.list(cursor=position)


async def get(asker: Asker, deps: Deps, client_id: str) -> Client:
    async with deps.database.unit_of_work(read_only=True) as uow:
        return await found(uow, client_id)


async def update(asker: Asker, deps: Deps, client_id: str, *, name: str | None, account: str | None) -> Client:
    """None leaves a value as it is. The account of a client that has bots stays: they are found by it."""
    async with deps.placing, deps.database.unit_of_work() as uow:
        client = await found(uow, client_id)
        new_name = client.name if name is None else checks.text(name, "name")
        new_account = client.account
        if account is not None:
            new_account = checks.text(account, "account", max_length=checks.ACCOUNT_MAX)
        moved = account_key(new_account) != account_key(client.account)
        if moved and (await uow.bots.list(client.account, limit=1)).items:
            raise Conflict(
                "client.has_bots",
                f"The bots of {client.name} are found by its account {client.account}.",
                field="account",
                remedy="Remove the client's bots first, or change the name only.",
            )
        changed = await uow.clients.update(client_id, name=new_name, account=new_account)
        details = {"name": new_name, "account": new_account}
        await uow.audit.record(asker, "client.update", "client", client_id, details)
    if changed.account != client.account:
        await deps.manager.sync()
    deps.publish("client", client_id)
    return changed


async def delete(asker: Asker, deps: Deps, client_id: str) -> None:
    """With its connectors, whose keys are wiped; refused while the client has bots."""
    async with deps.placing, deps.database.unit_of_work() as uow:
        client = await found(uow, client_id)
        await uow.clients.delete(client_id)
        await uow.audit.record(asker, "client.delete", "client", client_id, {"account": client.account})
    await deps.manager.sync(client.account)
    deps.publish("client", client_id)


async def found(uow: UnitOfWork, client_id: str) -> Client:
    client = await uow.clients.get(checks.ident(client_id, "client"))
    if client is None:
        raise checks.not_found("client", client_id)
    return client
