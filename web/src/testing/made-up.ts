/** Answers of the server for tests, each whole, with what a test changes. */

import type { BalanceAndVolume, Bot, Finding, Ladder, LadderStep, RecordedFinding, Volume } from "@/api/types";

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
