import { expect, test } from "vitest";

import type { Chart } from "@/api/types";
import { extent, fillMarks, midPoints, precision } from "./chart-data";

const START = 1_780_000_000_000;

function chart(change: Partial<Chart> = {}): Chart {
  return { pair: "SHARP/USDT", mids: [], orders: [], fills: [], ...change };
}

test("a second that was not read is no price, and a long gap is not bridged", () => {
  const points = midPoints([
    [START, "0.025"],
    [START + 1000, "0.026"],
    [START + 3000, "0.027"],
    [START + 63_000, "0.03"],
  ]);
  expect(points).toHaveLength(64);
  expect(points[2]?.value).toBeUndefined();
  expect(points.filter((point) => point.beforeGap)).toEqual([{ time: START / 1000 + 3, value: 0.027, beforeGap: true }]);
});

test("two readings of one second and a clock that steps back keep the time axis whole", () => {
  expect(midPoints([[START, "1"], [START + 400, "2"], [START - 1000, "3"]]).map((point) => point.value)).toEqual([1]);
});

test("low, high and last are the server's own digits", () => {
  expect(extent([[START, "0.025610"], [START + 1000, "0.1"], [START + 2000, "0.0099"]])).toEqual({
    low: "0.0099",
    high: "0.1",
    last: "0.0099",
    lastMs: START + 2000,
  });
  expect(extent([])).toBeNull();
});

test("the axis shows as many digits as any price has", () => {
  const order = { id: "1", side: "buy" as const, price: "0.00000034", amount: "1", filled: "0", state: "new" };
  expect(precision(chart({ mids: [[START, "0.02"]], orders: [order, { ...order, price: null }] }))).toBe(8);
});

test("a fill is marked on the nearest second that has a price; those of one second and side once", () => {
  const fill = { side: "buy" as const, price: "1", amount: "1" };
  const marks = fillMarks(
    chart({
      mids: [[START, "1"], [START + 20_000, "1"]],
      fills: [
        { ...fill, time_ms: START + 4000 },
        { ...fill, time_ms: START + 5000 },
        { ...fill, side: "sell", time_ms: START + 19_000 },
      ],
    }),
  );
  expect(marks).toEqual([
    { time: START / 1000, side: "buy" },
    { time: START / 1000 + 20, side: "sell" },
  ]);
});
