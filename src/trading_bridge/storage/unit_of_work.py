"""One transaction, seen as the things that it may read and write."""

from trading_bridge.storage.repositories.audit import Audit
from trading_bridge.storage.repositories.balances import BalanceSnapshots
from trading_bridge.storage.repositories.bots import Bots
from trading_bridge.storage.repositories.certifications import Certifications
from trading_bridge.storage.repositories.clients import Clients
from trading_bridge.storage.repositories.connectors import Connectors
from trading_bridge.storage.repositories.context import Context
from trading_bridge.storage.repositories.decisions import Decisions
from trading_bridge.storage.repositories.egress import EgressAddresses
from trading_bridge.storage.repositories.findings import Findings
from trading_bridge.storage.repositories.holds import Holds
from trading_bridge.storage.repositories.kills import Kills
from trading_bridge.storage.repositories.leases import Leases
from trading_bridge.storage.repositories.limit_settings import LimitSettings
from trading_bridge.storage.repositories.orders import Orders
from trading_bridge.storage.repositories.risk import Risk
from trading_bridge.storage.repositories.sent import SentOrders
from trading_bridge.storage.repositories.sessions import SignIns
from trading_bridge.storage.repositories.totals import Totals
from trading_bridge.storage.repositories.trades import Trades
from trading_bridge.storage.repositories.transfers import Transfers
from trading_bridge.storage.repositories.users import Users


class UnitOfWork:
    """From `Database.unit_of_work()`; never await the journal inside one: it waits for the same database."""

    def __init__(self, context: Context) -> None:
        self.clients = Clients(context)
        self.connectors = Connectors(context)
        self.bots = Bots(context)
        self.users = Users(context)
        self.sessions = SignIns(context)
        self.orders = Orders(context)
        self.trades = Trades(context)
        self.totals = Totals(context)
        self.transfers = Transfers(context)
        self.balances = BalanceSnapshots(context)
        self.findings = Findings(context)
        self.decisions = Decisions(context)
        self.egress = EgressAddresses(context)
        self.kills = Kills(context)
        self.holds = Holds(context)
        self.limits = LimitSettings(context)
        self.risk = Risk(context)
        self.sent = SentOrders(context)
        self.audit = Audit(context)
        self.certifications = Certifications(context)
        self.leases = Leases(context)
