/** Answers of the server for tests, each whole, with what a test changes. */

import type { BalanceAndVolume, Bot, Connector, Finding, Hold, Kill, Ladder, LadderStep, Limits, RecordedFinding, Transfer, Volume } from "@/api/types";

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    code: "credentials.rejected",
    severity: "critical",
    title: "Coinstore rejects the key",
    cause: "The key was deleted at the exchange.",
    fix: "Enter a new key.",
    parameters: {},
    evidence: null,
    since: "2026-11-21T10:00:00Z",
    effect: "orders_held",
    for_client: { text: "Your bot cannot use its key.", money: "Your money is untouched.", who_acts: "operator" },
    history: null,
    ...change,
  };
}

export function recorded(change: Partial<RecordedFinding> = {}): RecordedFinding {
  const found = change.finding ?? finding({ history: { id: "f1", count: 3, note: null } });
  return {
    id: "f1",
    subject: { kind: "connector", id: "n1", name: "coinstore", client_id: "c1" },
    finding: found,
    first_seen: found.since,
    last_seen: "2026-11-21T10:05:00Z",
    count: 3,
    resolved_at: null,
    note: null,
    wakes: true,
    unattended: "The bots hold.",
    ...change,
  };
}

export function step(change: Partial<LadderStep> = {}): LadderStep {
  return { rung: "connect", label: "Connection", outcome: "pass", detail: "203.0.113.80 answers", took_ms: 21, finding: null, evidence: null, ...change };
}

export function ladder(change: Partial<Ladder> = {}): Ladder {
  return {
    started_at: "2026-11-21T10:00:00Z",
    took_ms: 412,
    requests: 9,
    passed: true,
    steps: [step(), step({ rung: "signed_read", label: "Signed read", detail: "accepted", took_ms: 84 })],
    diagnosis: null,
    remaining: [],
    egress: [],
    ...change,
  };
}

/** Of a key that the exchange does not accept. */
export function failedLadder(): Ladder {
  const diagnosis = finding({ code: "ip.not_allowed", title: "The exchange does not allow this address", fix: "Allow 203.0.113.7 for the key." });
  return ladder({
    passed: false,
    diagnosis,
    remaining: [{ code: "signature.refused", title: "The secret does not belong to the key" }],
    egress: [{ family: "ipv4", address: "203.0.113.7", source: "seen", first_seen: "2026-11-21T09:00:00Z", last_seen: "2026-11-21T10:00:00Z" }],
    steps: [
      step(),
      step({ rung: "signed_read", label: "Signed read", outcome: "fail", detail: "refused with 1401", took_ms: 84, finding: diagnosis }),
      step({ rung: "balance", label: "Balance", outcome: "skipped", detail: "no signed call passes", took_ms: 0 }),
    ],
  });
}

export function volume(change: Partial<Volume> = {}): Volume {
  return {
    status: "ok",
    since: "2026-11-20T10:00:00Z",
    as_of: "2026-11-21T10:00:00Z",
    finding: null,
    currency: "USDT",
    today: "1203.4482",
    last_24h: "1911.0316",
    total: "48211.902715",
    maker: "48211.902715",
    taker: "0",
    trades: 964,
    buys: 482,
    sells: 482,
    ...change,
  };
}

export const NO_VOLUME: Partial<Volume> = {
  status: "unknown",
  as_of: null,
  today: null,
  last_24h: null,
  total: null,
  maker: null,
  taker: null,
  trades: null,
  buys: null,
  sells: null,
};

export function balance(change: Partial<BalanceAndVolume> = {}): BalanceAndVolume {
  return {
    bot_id: "b1",
    pair: "SHARP/USDT",
    connector: "coinstore",
    status: "ok",
    available: { SHARP: "125000.5", USDT: "812.4" },
    locked: { SHARP: "1953.15", USDT: "49.98" },
    wallet: "spot",
    as_of: "2026-11-21T10:00:00Z",
    age_seconds: 1.2,
    finding: null,
    volume: volume(),
    ...change,
  };
}

export function bot(change: Partial<Bot> = {}): Bot {
  return {
    id: "b1",
    name: "SHARP quotes",
    client_id: "c1",
    account: "client_sharp",
    connector: "coinstore",
    connector_id: "n1",
    exchange: "coinstore",
    host_label: null,
    note: null,
    budget: null,
    pair: "SHARP/USDT",
    market_verified: true,
    bot_type: "spread",
    config: { spread_bps: "40" },
    status: "running",
    state: { code: "trading", text: "Quoting both sides", since: "2026-11-21T09:00:00Z", reason: "quoting", until: null, finding: null },
    created_at: "2026-11-20T10:00:00Z",
    updated_at: "2026-11-20T10:00:00Z",
    balance_and_volume: balance(),
    ...change,
  };
}

export function kill(change: Partial<Kill> = {}): Kill {
  return {
    id: "k1",
    scope: { kind: "platform", id: "", name: "the platform" },
    reason: "prices look wrong",
    asked_by: "operator@example.com",
    asked_at: "2026-11-21T10:00:00Z",
    by_hand: false,
    state: "stopping",
    total: 40,
    confirmed: 31,
    text: "31 of 40 confirmed",
    waits_for: [],
    done_at: null,
    rearmed_at: null,
    rearmed_by: null,
    rearm_reason: null,
    ...change,
  };
}

export function hold(change: Partial<Hold> = {}): Hold {
  return {
    id: "h1",
    scope: { kind: "bot", id: "b1", name: "SHARP quotes" },
    reason: "the listing moves",
    orders: "cancel",
    starts_at: "2026-11-21T10:00:00Z",
    ends_at: null,
    state: "active",
    made_by: "operator@example.com",
    made_at: "2026-11-21T10:00:00Z",
    lifted_at: null,
    lifted_by: null,
    lift_reason: null,
    ...change,
  };
}

export function transfer(change: Partial<Transfer> = {}): Transfer {
  return {
    id: "t1",
    connector_id: "n1",
    connector: "coinstore",
    exchange: "coinstore",
    currency: "USDT",
    amount: "500",
    at: "2026-11-21T10:00:00Z",
    source: "observed",
    exchange_id: null,
    label: null,
    note: null,
    labelled_by: null,
    labelled_at: null,
    ...change,
  };
}

export function connector(change: Partial<Connector> = {}): Connector {
  return {
    id: "n1",
    client_id: "c1",
    account: "client_sharp",
    name: "coinstore",
    exchange: "coinstore",
    key_last4: "x9k2",
    key_label: "bridge-2026",
    key_set_at: "2026-11-20T10:00:00Z",
    key_set_by: "operator@example.com",
    key_last_success_at: null,
    base_url: null,
    has_proxy: false,
    ipv4_only: false,
    timeout_s: null,
    host_label: null,
    exchange_account: null,
    status: "ok",
    as_of: "2026-11-21T10:00:00Z",
    finding: null,
    manual_trading: "none",
    strangers: [],
    ends: null,
    created_at: "2026-11-20T10:00:00Z",
    updated_at: "2026-11-20T10:00:00Z",
    ...change,
  };
}

export function limits(change: Partial<Limits> = {}): Limits {
  return {
    scope: { kind: "bot", id: "b1", name: "SHARP quotes" },
    limits: [
      { name: "collar_bps", value: "500", unit: "bps", default: "500", source: "default", text: "Furthest that an order may be priced from the reference" },
      { name: "execution_loss_share", value: "0.01", unit: "share", default: "0.02", source: "bot", text: "Most that execution may cost in a day, of what the bot has" },
      { name: "max_open_orders", value: "12", unit: "count", default: "20", source: "client", text: "Most orders that stand at once" },
    ],
    counters: [{ name: "execution_loss", value: "81.24", unit: "USDT", limit: "100", text: "execution has cost in a day" }],
    halt: null,
    ...change,
  };
}
