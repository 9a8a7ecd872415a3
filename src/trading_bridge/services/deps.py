"""Everything that a verb may use, made once by the composition root."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trading_bridge.clock import Clock, Entropy
from trading_bridge.exchanges.hosts import PUBLIC_ONLY, Hosts
from trading_bridge.services.ports import Doctor, ExchangeManager, Findings, Publish, Restraints, Runner, Volumes
from trading_bridge.services.sign_in import SignInDesk

if TYPE_CHECKING:
    from trading_bridge.storage.database import Database
    from trading_bridge.storage.lease import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    database: "Database"
    manager: ExchangeManager
    volumes: Volumes
    runner: Runner
    restraints: Restraints
    findings: Findings
    doctor: Doctor
    clock: Clock
    entropy: Entropy
    #: tells pages that something changed; after the commit, never before
    publish: Publish
    desk: SignInDesk
    #: under which this process sends orders; None: it sends none
    lease: "Lease | None" = None
    #: where connectors may go
    hosts: Hosts = PUBLIC_ONLY
    #: held while a verb checks who trades where and then writes it
    placing: asyncio.Lock = field(default_factory=asyncio.Lock)
