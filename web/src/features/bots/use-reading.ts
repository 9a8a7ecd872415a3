import { aged, balanceReading, type BalanceReading } from "@/api/reading";
import type { Bot, Finding } from "@/api/types";
import { useNow } from "@/lib/use-now";

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
