import type { Hold } from "@/api/types";
import { clockTime } from "@/lib/time";

/** What it does to orders that stand. */
export const ORDERS: Record<Hold["orders"], string> = {
  cancel: "Open orders are cancelled",
  keep: "Open orders are left as they are",
};

/** `14:03:21 to 22 Nov, 10:00:00`, `from 14:03:21 until lifted` */
export function span(hold: Pick<Hold, "starts_at" | "ends_at">, now: number): string {
  const from = clockTime(hold.starts_at, now);
  return hold.ends_at === null ? `from ${from} until lifted` : `${from} to ${clockTime(hold.ends_at, now)}`;
}

/** A field of date and time holds local time without a zone; null: it is empty or no time. */
export function instantOf(local: string): string | null {
  const time = new Date(local);
  return local === "" || Number.isNaN(time.getTime()) ? null : time.toISOString();
}
