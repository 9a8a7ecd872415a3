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
from trading_bridge.core.client import ManualTrading
from trading_bridge.core.finding import Severity, SubjectKind
from trading_bridge.core.order import OrderState, OrderType, Side, TimeInForce
from trading_bridge.core.restraint import ScopeKind, StandingOrders
from trading_bridge.core.transfer import TransferLabel, TransferSource
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
    #: a name for people, such as `host:pid`; NULL: released
    holder: Named[str | None] = Column(String)
    #: by the database's clock; NULL: released, or on a file whose lock proves the holder
    expires_at: Named[datetime | None] = Column(UtcTime)
    #: version of the program that holds it
    build: Named[str | None] = Column(String)


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
    #: on its exchange account, by hand
    manual_trading: Named[ManualTrading] = Column(Word(ManualTrading), nullable=False, server_default="none")
    #: a JSON object: code -> {"since", "parameters"} of what is there and not ours; NULL: nothing is unanswered
    strangers: Named[str | None] = Column(Text)
    #: what was there before this a person has answered for
    strangers_answered_at: Named[datetime | None] = Column(UtcTime)
    #: seconds that an answer is waited for; NULL: the platform's own
    timeout_s: Named[int | None] = Column(Integer)


class _Certifications(TypedColumns):
    """What became of each certification in the field: a connector's way, key and order, tried by a person's consent."""

    id = Column(String, primary_key=True)
    connector_id: Named[str] = Column(ForeignKey("connectors.id"), nullable=False)
    exchange = Column(String, nullable=False)
    #: as the connector had it then; NULL: the exchange's own
    base_url: Named[str | None] = Column(String)
    at: Named[datetime] = Column(UtcTime, nullable=False)
    passed = Column(Boolean, nullable=False)
    #: where the order was placed; NULL: none was asked for, or it did not come to that
    symbol: Named[str | None] = Column(String)
    #: versions of the program and of ccxt
    build = Column(String, nullable=False)
    ccxt = Column(String, nullable=False)
    #: a name for people, as in the audit log
    asked_by = Column(String, nullable=False)
    #: a JSON list of steps, see `repositories.certifications`
    steps = Column(Text, nullable=False)


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
    #: NULL, both: the whole account
    budget_base: Named[Decimal | None] = amount_column(nullable=True)
    budget_quote: Named[Decimal | None] = amount_column(nullable=True)


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
    #: code of the contradiction for which nothing is done with it any more; NULL: none
    frozen: Named[str | None] = Column(String)


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


class _TradeMarks(TypedColumns):
    """Up to where the looks at an account's own trades have told everything, whatever else stored fills."""

    connector_id: Named[str] = Column(String, nullable=False)
    symbol = Column(String, nullable=False)
    #: all up to this trade is stored
    trade_id = Column(String, nullable=False)
    exchange_time: Named[datetime] = Column(UtcTime, nullable=False)


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
    #: a JSON object, see `repositories.balances`: what must be there by all that is booked; NULL: no books are kept yet
    booked: Named[str | None] = Column(Text)
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
    #: version of the bot's config, see `core.bot.config_version`; NULL: of an older version of the program
    config: Named[str | None] = Column(String)


class _EgressAddresses(TypedColumns):
    route = Column(String, nullable=False)
    #: `ipv4` or `ipv6`
    family = Column(String, nullable=False)
    address = Column(String, nullable=False)
    first_seen: Named[datetime] = Column(UtcTime, nullable=False)
    last_seen: Named[datetime] = Column(UtcTime, nullable=False)


class _Transfers(TypedColumns):
    id = Column(String, primary_key=True)
    exchange = Column(String, nullable=False)
    #: the exchange's own id of the account, else `connector:<id>`
    exchange_account = Column(String, nullable=False)
    connector_id: Named[str] = Column(ForeignKey("connectors.id"), nullable=False)
    currency = Column(String, nullable=False)
    #: above zero: it came; below: it left
    amount: Named[Decimal] = amount_column()
    at: Named[datetime] = Column(UtcTime, nullable=False)
    source: Named[TransferSource] = Column(Word(TransferSource), nullable=False)
    #: the exchange's id of the record; NULL: observed
    exchange_id: Named[str | None] = Column(String)
    #: NULL: nobody has said yet what it was
    label: Named[TransferLabel | None] = Column(Word(TransferLabel))
    note: Named[str | None] = Column(Text)
    labelled_by: Named[str | None] = Column(String)
    labelled_at: Named[datetime | None] = Column(UtcTime)
    created_at: Named[datetime] = Column(UtcTime, nullable=False)


class _LimitSettings(TypedColumns):
    """What people set; what is not in `limits` has its default."""

    scope_kind: Named[ScopeKind] = Column(Word(ScopeKind), nullable=False)
    #: empty: the platform
    scope_id = Column(String, nullable=False)
    #: a JSON object, decimals as strings
    limits = Column(Text, nullable=False)
    updated_at: Named[datetime] = Column(UtcTime, nullable=False)
    updated_by = Column(String, nullable=False)


class _BotRisk(TypedColumns):
    """References, counters and halts of a bot's limits, which no restart forgets."""

    bot_id: Named[str] = Column(ForeignKey("bots.id"), primary_key=True)
    #: a JSON object, decimals as strings
    state = Column(Text, nullable=False)
    updated_at: Named[datetime] = Column(UtcTime, nullable=False)


class _Kills(TypedColumns):
    id = Column(String, primary_key=True)
    scope_kind: Named[ScopeKind] = Column(Word(ScopeKind), nullable=False)
    scope_id = Column(String, nullable=False)
    reason = Column(Text, nullable=False)
    asked_by = Column(String, nullable=False)
    asked_at: Named[datetime] = Column(UtcTime, nullable=False)
    #: orders placed by hand are cancelled too
    by_hand = Column(Boolean, nullable=False)
    #: the exchange has confirmed that nothing of the scope lives
    done_at: Named[datetime | None] = Column(UtcTime)
    #: orders of the scope that were live since it was asked for; NULL: not counted yet
    total: Named[int | None] = Column(Integer)
    #: NULL: it is in force
    rearmed_at: Named[datetime | None] = Column(UtcTime)
    rearmed_by: Named[str | None] = Column(String)
    rearm_reason: Named[str | None] = Column(Text)


class _Holds(TypedColumns):
    id = Column(String, primary_key=True)
    scope_kind: Named[ScopeKind] = Column(Word(ScopeKind), nullable=False)
    scope_id = Column(String, nullable=False)
    reason = Column(Text, nullable=False)
    #: what becomes of orders that stand
    orders: Named[StandingOrders] = Column(Word(StandingOrders), nullable=False)
    starts_at: Named[datetime] = Column(UtcTime, nullable=False)
    #: NULL: until it is lifted
    ends_at: Named[datetime | None] = Column(UtcTime)
    made_by = Column(String, nullable=False)
    made_at: Named[datetime] = Column(UtcTime, nullable=False)
    lifted_at: Named[datetime | None] = Column(UtcTime)
    lifted_by: Named[str | None] = Column(String)
    lift_reason: Named[str | None] = Column(Text)


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
trade_marks = Table(
    "trade_marks",
    metadata,
    _TradeMarks,
    PrimaryKeyConstraint("connector_id", "symbol"),
    ForeignKeyConstraint(["connector_id"], ["connectors.id"]),
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
transfers = Table("transfers", metadata, _Transfers)
limit_settings = Table("limit_settings", metadata, _LimitSettings, PrimaryKeyConstraint("scope_kind", "scope_id"))
bot_risk = Table("bot_risk", metadata, _BotRisk)
kills = Table("kills", metadata, _Kills)
holds = Table("holds", metadata, _Holds)
certifications = Table("certifications", metadata, _Certifications)
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
Index("ix_trade_logs_bot_id_id", trade_logs.c.bot_id, trade_logs.c.id)
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
Index(
    "uq_transfers_exchange_exchange_account_exchange_id",
    transfers.c.exchange,
    transfers.c.exchange_account,
    transfers.c.exchange_id,
    unique=True,
    sqlite_where=transfers.c.exchange_id.is_not(None),
    postgresql_where=transfers.c.exchange_id.is_not(None),
)
Index("ix_transfers_connector_id_at", transfers.c.connector_id, transfers.c.at)
Index(
    "ix_transfers_unlabelled",
    transfers.c.connector_id,
    sqlite_where=transfers.c.label.is_(None),
    postgresql_where=transfers.c.label.is_(None),
)
Index(
    "ix_kills_active",
    kills.c.asked_at,
    sqlite_where=kills.c.rearmed_at.is_(None),
    postgresql_where=kills.c.rearmed_at.is_(None),
)
Index(
    "ix_holds_active",
    holds.c.starts_at,
    sqlite_where=holds.c.lifted_at.is_(None),
    postgresql_where=holds.c.lifted_at.is_(None),
)
