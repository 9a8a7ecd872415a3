/**
 * A balance as its case: `ok`, `stale` or `unknown`. Pages read numbers through these and no other way, so that
 * unknown can not be drawn as a number and a missing currency can not be drawn as 0.
 */

import { pageFinding } from "@/api/page-finding";
import type { BalanceAndVolume, ConnectorBalances, Finding, LockedBy, Volume } from "@/api/types";

/** The server renews a balance every few seconds while a page is open; numbers older than this are the page's own fault. */
const BEHIND_S = 45;

export interface Holdings {
  /** currency -> decimal string */
  available: Readonly<Record<string, string>>;
  locked: Readonly<Record<string, string>>;
  /** Whose orders hold it; null: that is not known; undefined: the answer was not asked. */
  lockedBy: LockedBy | null | undefined;
  wallet: string | null;
  asOf: string;
  /** At the time of the answer; it grows from there. */
  ageSeconds: number;
}

type Told = Pick<BalanceAndVolume, "status" | "finding">;

export type BalanceReading =
  /** `finding`: what must be read beside the numbers, such as a 0 whose money lies in another wallet. */
  | { kind: "ok"; holdings: Holdings; finding: Finding | null }
  | { kind: "stale"; holdings: Holdings; finding: Finding }
  | { kind: "unknown"; finding: Finding };

export interface Traded {
  currency: string;
  today: string;
  last24h: string;
  total: string;
  maker: string | null;
  taker: string | null;
  trades: number | null;
  buys: number | null;
  sells: number | null;
  /** From when on every own trade is known. */
  since: string | null;
  asOf: string | null;
}

export type VolumeReading =
  | { kind: "ok"; traded: Traded }
  | { kind: "stale"; traded: Traded; finding: Finding }
  | { kind: "unknown"; finding: Finding };

export function balanceReading(body: BalanceAndVolume | null | undefined): BalanceReading {
  return reading(body, body === null || body === undefined ? null : holdingsOf(body));
}

/** Of all that lies in a connector's account. */
export function accountReading(body: ConnectorBalances): BalanceReading {
  return reading(body, accountHoldings(body));
}

function reading(body: Told | null | undefined, holdings: Holdings | null): BalanceReading {
  if (body === null || body === undefined) return { kind: "unknown", finding: incomplete("the balance") };
  switch (body.status) {
    case "ok":
      return holdings === null ? { kind: "unknown", finding: incomplete("the balance") } : { kind: "ok", holdings, finding: body.finding };
    case "stale": {
      const finding = body.finding ?? incomplete("the reason why the numbers are old");
      return holdings === null ? { kind: "unknown", finding } : { kind: "stale", holdings, finding };
    }
    case "unknown":
      return { kind: "unknown", finding: body.finding ?? incomplete("the reason why the balance is unknown") };
    default:
      return { kind: "unknown", finding: incomplete("a balance in a case that this page knows") };
  }
}

/** What was fresh when it came turns stale when nothing newer comes. */
export function aged(reading: BalanceReading, receivedAt: number, now: number): BalanceReading {
  if (reading.kind !== "ok") return reading;
  const age = reading.holdings.ageSeconds + (now - receivedAt) / 1000;
  if (age < BEHIND_S) return reading;
  return {
    kind: "stale",
    holdings: reading.holdings,
    // what must be read beside the numbers stays there
    finding: reading.finding ?? pageFinding({
      code: "page.behind",
      title: "This page has no newer numbers",
      cause: "No newer answer of the server has reached it.",
      fix: "Check that the server runs and that this device is online. The page keeps asking.",
      since: reading.holdings.asOf,
    }),
  };
}

export function volumeReading(volume: Volume | null | undefined): VolumeReading {
  if (volume === null || volume === undefined) return { kind: "unknown", finding: incomplete("the volume") };
  const traded = tradedOf(volume);
  switch (volume.status) {
    case "ok":
      return traded === null ? { kind: "unknown", finding: incomplete("the volume") } : { kind: "ok", traded };
    case "stale": {
      const finding = volume.finding ?? incomplete("the reason why the volume is old");
      return traded === null ? { kind: "unknown", finding } : { kind: "stale", traded, finding };
    }
    case "unknown":
      return { kind: "unknown", finding: volume.finding ?? incomplete("the reason why the volume is unknown") };
    default:
      return { kind: "unknown", finding: incomplete("a volume in a case that this page knows") };
  }
}

function holdingsOf(body: BalanceAndVolume): Holdings | null {
  const { available, locked, as_of: asOf } = body;
  if (available === null || locked === null || asOf === null) return null;
  return { available, locked, lockedBy: body.locked_by, wallet: body.wallet, asOf, ageSeconds: body.age_seconds ?? 0 };
}

function accountHoldings(body: ConnectorBalances): Holdings | null {
  const { balances, as_of: asOf } = body;
  if (balances === null || asOf === null) return null;
  const column = (name: "available" | "locked") =>
    Object.fromEntries(Object.entries(balances).map(([currency, held]) => [currency, held[name]]));
  return {
    available: column("available"),
    locked: column("locked"),
    lockedBy: undefined,
    wallet: body.wallet,
    asOf,
    ageSeconds: body.age_seconds ?? 0,
  };
}

function tradedOf(volume: Volume): Traded | null {
  const { today, last_24h: last24h, total } = volume;
  if (today === null || last24h === null || total === null) return null;
  const { currency, maker, taker, trades, buys, sells, since, as_of: asOf } = volume;
  return { currency, today, last24h, total, maker, taker, trades, buys, sells, since, asOf };
}

/** The server's answer lacks what it promises: that too is a cause, not a zero. */
function incomplete(what: string): Finding {
  return pageFinding({
    code: "page.answer_incomplete",
    title: "The server's answer is incomplete",
    cause: `It did not carry ${what}.`,
    fix: "Reload the page. If it stays, the page and the server are of different versions: restart the server.",
    since: new Date().toISOString(),
  });
}
