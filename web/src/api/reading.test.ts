import { describe, expect, test } from "vitest";

import { balanceReading, volumeReading } from "@/api/reading";
import type { BalanceAndVolume, ReadStatus, Volume } from "@/api/types";
import { balance, finding, NO_VOLUME, volume } from "@/testing/made-up";

const why = finding();

describe("a balance is one of three cases", () => {
  test("ok has numbers and their time", () => {
    expect(balanceReading(balance())).toEqual({
      kind: "ok",
      finding: null,
      holdings: {
        available: { SHARP: "125000.5", USDT: "812.4" },
        locked: { SHARP: "1953.15", USDT: "49.98" },
        wallet: "spot",
        asOf: "2026-11-21T10:00:00Z",
        ageSeconds: 1.2,
      },
    });
  });

  test("ok keeps what must be read beside the numbers", () => {
    expect(balanceReading(balance({ finding: why }))).toMatchObject({ kind: "ok", finding: why });
  });

  test("stale has the last numbers and the cause", () => {
    const reading = balanceReading(balance({ status: "stale", finding: why }));
    expect(reading).toMatchObject({ kind: "stale", finding: why, holdings: { available: { USDT: "812.4" } } });
  });

  test("unknown has the cause and no numbers, whatever else the answer carries", () => {
    expect(balanceReading(balance({ status: "unknown", finding: why }))).toEqual({ kind: "unknown", finding: why });
  });

  const broken: [string, Partial<BalanceAndVolume>][] = [
    ["ok without available", { available: null }],
    ["ok without locked", { locked: null }],
    ["ok without a time", { as_of: null }],
    ["stale without numbers", { status: "stale", available: null, finding: why }],
    ["unknown without a cause", { status: "unknown" }],
    ["a status of the future", { status: "guessed" as ReadStatus }],
  ];
  test.each(broken)("%s is unknown, with a cause", (_, change) => {
    const reading = balanceReading(balance(change));
    expect(reading.kind).toBe("unknown");
    expect(reading).not.toHaveProperty("holdings");
    expect(reading.kind === "unknown" && reading.finding.fix).not.toBe("");
  });

  test.each([null, undefined])("no answer (%s) is unknown", (nothing) => {
    expect(balanceReading(nothing).kind).toBe("unknown");
  });
});

describe("so is a volume", () => {
  test("a true zero is a number", () => {
    const reading = volumeReading(volume({ today: "0", last_24h: "0", total: "0", trades: 0, buys: 0, sells: 0 }));
    expect(reading).toMatchObject({ kind: "ok", traded: { total: "0", trades: 0 } });
  });

  const broken: [string, Partial<Volume>][] = [
    ["unknown", { ...NO_VOLUME, finding: why }],
    ["ok without a total", { total: null }],
    ["ok without today", { today: null }],
    ["a status of the future", { status: "guessed" as ReadStatus }],
  ];
  test.each(broken)("%s has no numbers", (_, change) => {
    const reading = volumeReading(volume(change));
    expect(reading.kind).toBe("unknown");
    expect(reading).not.toHaveProperty("traded");
  });

  test("stale keeps the last numbers", () => {
    expect(volumeReading(volume({ status: "stale", finding: why }))).toMatchObject({ kind: "stale", traded: { today: "1203.4482" } });
  });
});
