import { pageFinding } from "@/api/page-finding";
import { balanceReading, type BalanceReading } from "@/api/reading";
import type { Bot, Finding } from "@/api/types";
import { useNow } from "@/lib/use-now";

/** The server renews a balance every few seconds while a page is open; numbers older than this are the page's own fault. */
const BEHIND_S = 45;

/** The reading as it stands now: what was fresh when it came turns stale when nothing newer comes. */
export function useReading(bot: Bot, receivedAt: number): BalanceReading {
  const now = useNow();
  return recorded(aged(balanceReading(bot.balance_and_volume), receivedAt, now), bot.state.finding);
}

/** One problem of state and balance is told once, and in the form that has its history and the operator's note. */
export function recorded(reading: BalanceReading, blocking: Finding | null): BalanceReading {
  if (blocking === null || blocking.code !== reading.finding?.code || reading.finding.history !== null) return reading;
  return { ...reading, finding: blocking };
}

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
