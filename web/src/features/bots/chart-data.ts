import type { UTCTimestamp } from "lightweight-charts";

import type { Chart } from "@/api/types";
import { compareDecimals, decimals } from "@/lib/decimal";

/** Without a price for this long the line breaks: a gap is not a straight move. */
const GAP_S = 10;

export interface Point {
  time: UTCTimestamp;
  /** Absent: the market was not read then. */
  value?: number;
  /** The line from here would bridge a time without prices: it is not drawn. */
  beforeGap?: true;
}

/**
 * One point a second, oldest first; seconds without a price are there too, since the time axis counts points.
 * Pixels are floats; text is made of strings.
 */
export function midPoints(mids: Chart["mids"]): Point[] {
  const points: Point[] = [];
  for (const [ms, price] of mids) {
    const time = Math.floor(ms / 1000);
    const last = points.at(-1);
    if (last !== undefined && time <= last.time) continue;
    const missing = last === undefined ? 0 : time - last.time - 1;
    if (last !== undefined && missing > GAP_S) last.beforeGap = true;
    for (let gone = missing; gone > 0; gone -= 1) points.push({ time: (time - gone) as UTCTimestamp });
    points.push({ time: time as UTCTimestamp, value: Number(price) });
  }
  return points;
}

export interface Extent {
  low: string;
  high: string;
  last: string;
  lastMs: number;
}

export function extent(mids: Chart["mids"]): Extent | null {
  const first = mids[0];
  const final = mids.at(-1);
  if (first === undefined || final === undefined) return null;
  let low = first[1];
  let high = first[1];
  for (const [, price] of mids) {
    if (compareDecimals(price, low) < 0) low = price;
    if (compareDecimals(price, high) > 0) high = price;
  }
  return { low, high, last: final[1], lastMs: final[0] };
}

/** Digits after the point that the axis needs. */
export function precision(chart: Chart): number {
  let most = 0;
  for (const [, price] of chart.mids) most = Math.max(most, decimals(price));
  for (const order of chart.orders) if (order.price !== null) most = Math.max(most, decimals(order.price));
  return Math.min(most, 12);
}

export interface FillMark {
  time: UTCTimestamp;
  side: "buy" | "sell";
}

/** Fills as marks on the line: those of one second and side are one mark, and each sits on a second that has a price. */
export function fillMarks(chart: Chart): FillMark[] {
  const times = midPoints(chart.mids)
    .filter((point) => point.value !== undefined)
    .map((point) => point.time);
  const marks = new Map<string, FillMark>();
  for (const fill of chart.fills) {
    const time = nearest(times, fill.time_ms / 1000);
    if (time !== null) marks.set(`${time}${fill.side}`, { time, side: fill.side });
  }
  return [...marks.values()].sort((a, b) => a.time - b.time);
}

function nearest(times: readonly UTCTimestamp[], wanted: number): UTCTimestamp | null {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const after = times[low];
  if (after === undefined) return null;
  const before = times[low - 1];
  return before !== undefined && Math.abs(wanted - before) < Math.abs(wanted - after) ? before : after;
}
