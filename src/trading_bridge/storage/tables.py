"""The tables. `migrations` makes them; a test holds both together."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Named,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from trading_bridge.core.bot import BotStatus
from trading_bridge.core.finding import Severity, SubjectKind
from trading_bridge.core.order import OrderState, OrderType, Side, TimeInForce
from trading_bridge.core.user import AskerKind, Role
from trading_bridge.storage.types import Big, UtcTime, Word, amount_column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class _Installation(TypedColumns):
    #: five characters a-z0-9, part of every client order id
    id = Column(String, primary_key=True)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)


class _Leases(TypedColumns):
    shard = Column(Integer, primary_key=True, autoincrement=False)
    #: grows with each taking; an intent of another epoch is refused
    epoch: Named[int] = Column(Big, nullable=False)
    taken_at: Named[datetime] = Column(UtcTime, nullable=False)


class _Clients(TypedColumns):
    id = Column(String, primary_key=True)
    name = Column(String, nullable=False)
    #: as it was typed
    account = Column(String, nullable=False)
    #: what it is matched by
    account_key = Column(String, nullable=False)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)
    deleted_at: Named[datetime | None] = Column(UtcTime)


class _Users(TypedColumns):
    id = Column(String, primary_key=True)
    email = Column(String, nullable=False)
    email_key = Column(String, nullable=False, unique=True)
    password_hash = Column(String, nullable=False)
    role: Named[Role] = Column(Word(Role), nullable=False)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)


class _Sessions(TypedColumns):
    token_hash = Column(String, primary_key=True)
    user_id: Named[str] = Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)
    expires_at: Named[datetime] = Column(UtcTime, nullable=False)


class _Connectors(TypedColumns):
    id = Column(String, primary_key=True)
    client_id: Named[str] = Column(ForeignKey("clients.id"), nullable=False)
    #: lower-case
    name = Column(String, nullable=False)
    exchange = Column(String, nullable=False)
    base_url: Named[str | None] = Column(String)
    ipv4_only = Column(Boolean, nullable=False)
    #: encrypted; NULL: no key stored
    credentials: Named[str | None] = Column(Text)
    #: encrypted
    proxy_url: Named[str | None] = Column(Text)
    key_last4: Named[str | None] = Column(String)
    exchange_account: Named[str | None] = Column(String)
    version = Column(Integer, nullable=False)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)
    updated_at: Named[datetime] = Column(UtcTime, nullable=False)
    deleted_at: Named[datetime | None] = Column(UtcTime)
    #: what people call the key
    key_label: Named[str | None] = Column(String)
    key_set_at: Named[datetime | None] = Column(UtcTime)
    #: a name, as in the audit log
    key_set_by: Named[str | None] = Column(String)
    #: the exchange accepted a signed call; NULL: not yet
    key_last_success_at: Named[datetime | None] = Column(UtcTime)


class _Bots(TypedColumns):
    id = Column(String, primary_key=True)
    client_id: Named[str] = Column(ForeignKey("clients.id"), nullable=False, index=True)
    name = Column(String, nullable=False)
    #: as it was given: a connector's name, or an exchange id
    connector = Column(String, nullable=False)
    symbol = Column(String, nullable=False, index=True)
    bot_type = Column(String, nullable=False)
    #: a JSON object
    config = Column(Text, nullable=False)
    #: the wished one
    status: Named[BotStatus] = Column(Word(BotStatus), nullable=False)
    market_verified = Column(Boolean, nullable=False)
    #: the operator's words to the client; null: none
    note = Column(Text)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)
    updated_at: Named[datetime] = Column(UtcTime, nullable=False)
    archived_at: Named[datetime | None] = Column(UtcTime)


class _Orders(TypedColumns):
    client_order_id = Column(String, primary_key=True)
    exchange_order_id: Named[str | None] = Column(String)
    bot_id: Named[str] = Column(ForeignKey("bots.id"), nullable=False)
    connector_id: Named[str] = Column(ForeignKey("connectors.id"), nullable=False)
    symbol = Column(String, nullable=False)
    side: Named[Side] = Column(Word(Side), nullable=False)
    type: Named[OrderType] = Column(Word(OrderType), nullable=False)
    #: NULL on a market order
    price: Named[Decimal | None] = amount_column(nullable=True)
    amount: Named[Decimal] = amount_column()
    filled: Named[Decimal] = amount_column()
    time_in_force: Named[TimeInForce] = Column(Word(TimeInForce), nullable=False)
    post_only = Column(Boolean, nullable=False)
    state: Named[OrderState] = Column(Word(OrderState), nullable=False)
    #: it may trade at the exchange; follows `state`, for the index
    live = Column(Boolean, nullable=False)
    epoch: Named[int] = Column(Big, nullable=False)
    decision_id = Column(String, nullable=False)
    decided_at: Named[datetime] = Column(UtcTime, nullable=False)
    signed_at: Named[datetime | None] = Column(UtcTime)
    refusal_code: Named[str | None] = Column(String)
    refusal_text: Named[str | None] = Column(Text)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)
    updated_at: Named[datetime] = Column(UtcTime, nullable=False)


class _TradeLogs(TypedColumns):
    id: Named[int] = Column(Big, primary_key=True)
    exchange = Column(String, nullable=False)
    #: the exchange's own id of the account, else `connector:<id>`
    exchange_account = Column(String, nullable=False)
    symbol = Column(String, nullable=False)
    trade_id = Column(String, nullable=False)
    exchange_order_id = Column(String, nullable=False)
    connector_id: Named[str] = Column(ForeignKey("connectors.id"), nullable=False)
    bot_id: Named[str | None] = Column(ForeignKey("bots.id"))
    client_order_id: Named[str | None] = Column(String, index=True)
    side: Named[Side] = Column(Word(Side), nullable=False)
    price: Named[Decimal] = amount_column()
    amount: Named[Decimal] = amount_column()
    #: in quote
    cost: Named[Decimal] = amount_column()
    #: NULL: the exchange did not say; negative: a rebate
    fee: Named[Decimal | None] = amount_column(nullable=True)
    fee_currency: Named[str | None] = Column(String)
    is_maker: Named[bool | None] = Column(Boolean)
    exchange_time: Named[datetime] = Column(UtcTime, nullable=False, index=True)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)


class _BotDayTotals(TypedColumns):
    bot_id: Named[str] = Column(ForeignKey("bots.id"), nullable=False)
    #: UTC, by the exchange's time of the fills
    day: Named[date] = Column(Date, nullable=False)
    #: the quote currency of the sums
    currency = Column(String, nullable=False)
    volume: Named[Decimal] = amount_column()
    maker: Named[Decimal] = amount_column()
    taker: Named[Decimal] = amount_column()
    unknown_role: Named[Decimal] = amount_column()
    trades = Column(Integer, nullable=False)
    buys = Column(Integer, nullable=False)
    sells = Column(Integer, nullable=False)


class _BalanceSnapshots(TypedColumns):
    connector_id: Named[str] = Column(String, nullable=False)
    wallet = Column(String, nullable=False)
    exchange_account: Named[str | None] = Column(String)
    complete = Column(Boolean, nullable=False)
    #: a JSON object: currency -> [free, used], as decimal strings
    by_currency = Column(Text, nullable=False)
    as_of: Named[datetime] = Column(UtcTime, nullable=False)


class _Findings(TypedColumns):
    id = Column(String, primary_key=True)
    code = Column(String, nullable=False)
    severity: Named[Severity] = Column(Word(Severity), nullable=False)
    subject_kind: Named[SubjectKind] = Column(Word(SubjectKind), nullable=False)
    #: no foreign key: a finding may say that its subject is gone
    subject_id = Column(String, nullable=False)
    #: a JSON object of strings
    parameters = Column(Text, nullable=False)
    #: a JSON object, see `repositories.findings`; NULL: no call was made
    evidence: Named[str | None] = Column(Text)
    first_seen: Named[datetime] = Column(UtcTime, nullable=False)
    last_seen: Named[datetime] = Column(UtcTime, nullable=False)
    count = Column(Integer, nullable=False)
    #: NULL: it holds
    resolved_at: Named[datetime | None] = Column(UtcTime)
    #: the operator's words to the client
    note: Named[str | None] = Column(Text)
    note_by: Named[str | None] = Column(String)
    note_at: Named[datetime | None] = Column(UtcTime)


class _Decisions(TypedColumns):
    #: what `orders.decision_id` names, by value
    id = Column(String, primary_key=True)
    bot_id: Named[str] = Column(ForeignKey("bots.id"), nullable=False)
    decided_at: Named[datetime] = Column(UtcTime, nullable=False)
    reason = Column(String, nullable=False)
    #: a JSON object of strings
    parameters = Column(Text, nullable=False)
    #: a JSON list of {"code", "parameters"}
    notes = Column(Text, nullable=False)
    finding_code: Named[str | None] = Column(String)
    #: a JSON list of {"side", "price", "amount"}, decimals as strings; NULL: what stood was left as it was
    wanted: Named[str | None] = Column(Text)
    #: NULL: it stands, or the server died under it
    ended_at: Named[datetime | None] = Column(UtcTime)
    #: how many cycles said the same; NULL as `ended_at`
    cycles: Named[int | None] = Column(Integer)


class _EgressAddresses(TypedColumns):
    route = Column(String, nullable=False)
    #: `ipv4` or `ipv6`
    family = Column(String, nullable=False)
    address = Column(String, nullable=False)
    first_seen: Named[datetime] = Column(UtcTime, nullable=False)
    last_seen: Named[datetime] = Column(UtcTime, nullable=False)


class _AuditLog(TypedColumns):
    id: Named[int] = Column(Big, primary_key=True)
    at: Named[datetime] = Column(UtcTime, nullable=False)
    asker_kind: Named[AskerKind] = Column(Word(AskerKind), nullable=False)
    #: no foreign key: the row outlives the user
    user_id: Named[str | None] = Column(String)
    asker_name = Column(String, nullable=False)
    verb = Column(String, nullable=False)
    subject_kind = Column(String, nullable=False)
    subject_id: Named[str | None] = Column(String)
    #: a JSON object
    details = Column(Text, nullable=False)


installation = Table("installation", metadata, _Installation)
leases = Table("leases", metadata, _Leases)
clients = Table("clients", metadata, _Clients)
users = Table("users", metadata, _Users)
sessions = Table("sessions", metadata, _Sessions)
connectors = Table("connectors", metadata, _Connectors)
bots = Table("bots", metadata, _Bots)
orders = Table("orders", metadata, _Orders)
trade_logs = Table(
    "trade_logs",
    metadata,
    _TradeLogs,
    UniqueConstraint("exchange", "exchange_account", "symbol", "trade_id"),
    sqlite_autoincrement=True,
)
bot_day_totals = Table("bot_day_totals", metadata, _BotDayTotals, PrimaryKeyConstraint("bot_id", "day", "currency"))
balance_snapshots = Table(
    "balance_snapshots",
    metadata,
    _BalanceSnapshots,
    PrimaryKeyConstraint("connector_id"),
    ForeignKeyConstraint(["connector_id"], ["connectors.id"]),
)
findings = Table("findings", metadata, _Findings)
decisions = Table("decisions", metadata, _Decisions)
egress_addresses = Table(
    "egress_addresses", metadata, _EgressAddresses, PrimaryKeyConstraint("route", "family", "address")
)
audit_log = Table("audit_log", metadata, _AuditLog, sqlite_autoincrement=True)

Index(
    "uq_clients_account_key",
    clients.c.account_key,
    unique=True,
    sqlite_where=clients.c.deleted_at.is_(None),
    postgresql_where=clients.c.deleted_at.is_(None),
)
Index(
    "uq_connectors_client_id_name",
    connectors.c.client_id,
    connectors.c.name,
    unique=True,
    sqlite_where=connectors.c.deleted_at.is_(None),
    postgresql_where=connectors.c.deleted_at.is_(None),
)
Index("ix_orders_live", orders.c.connector_id, sqlite_where=orders.c.live, postgresql_where=orders.c.live)
Index("ix_orders_bot_id_created_at", orders.c.bot_id, orders.c.created_at)
Index("ix_trade_logs_bot_id_exchange_time", trade_logs.c.bot_id, trade_logs.c.exchange_time)
Index(
    "ix_trade_logs_connector_id_symbol_exchange_time",
    trade_logs.c.connector_id,
    trade_logs.c.symbol,
    trade_logs.c.exchange_time,
)
Index(
    "ix_findings_open",
    findings.c.first_seen,
    sqlite_where=findings.c.resolved_at.is_(None),
    postgresql_where=findings.c.resolved_at.is_(None),
)
Index("ix_findings_first_seen_id", findings.c.first_seen, findings.c.id)
Index(
    "ix_findings_subject_kind_subject_id_first_seen",
    findings.c.subject_kind,
    findings.c.subject_id,
    findings.c.first_seen,
)
Index("ix_decisions_bot_id_decided_at", decisions.c.bot_id, decisions.c.decided_at)
