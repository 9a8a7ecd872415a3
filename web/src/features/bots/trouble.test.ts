import { expect, test } from "vitest";

import { arrange, inWords, needsAttention, troubleRank, type Wish } from "./trouble";
import type { Bot } from "@/api/types";
import { balance, bot, finding } from "@/testing/made-up";

const state = (code: Bot["state"]["code"], severity?: "warning" | "critical") => ({
  ...bot().state,
  code,
  finding: severity === undefined ? null : finding({ severity }),
});
const unknown = balance({ status: "unknown", finding: finding() });
const stale = balance({ status: "stale", finding: finding() });

const WORST_FIRST = [
  bot({ id: "down", state: state("down", "critical") }),
  bot({ id: "killed", state: state("killed") }),
  bot({ id: "halted", state: state("halted") }),
  bot({ id: "blocked hard", state: state("blocked", "critical") }),
  bot({ id: "blocked", state: state("blocked", "warning") }),
  bot({ id: "runs blind", balance_and_volume: unknown }),
  bot({ id: "stands blind", status: "stopped", state: state("stopped"), balance_and_volume: unknown }),
  bot({ id: "runs on old numbers", balance_and_volume: stale }),
  bot({ id: "held", state: state("held") }),
  bot({ id: "waits", state: state("waiting") }),
  bot({ id: "trades" }),
  bot({ id: "stopped", status: "stopped", state: state("stopped") }),
];
const wish: Wish = { show: "all", sort: "trouble", client: "", text: "" };

test("trouble comes first", () => {
  const ids = WORST_FIRST.map((one) => one.id);
  expect(arrange([...WORST_FIRST].reverse(), wish).map((one) => one.id)).toEqual(ids);
  expect(new Set(WORST_FIRST.map(troubleRank)).size).toBe(WORST_FIRST.length);
});

test("a bot that quietly waits or is held needs nobody; a blind, halted or killed one does", () => {
  expect(WORST_FIRST.filter(needsAttention).map((one) => one.id)).toEqual(expect.arrayContaining(["killed", "halted"]));
  expect(WORST_FIRST.filter(needsAttention).map((one) => one.id)).not.toContain("held");
  expect(WORST_FIRST.filter(needsAttention).map((one) => one.id)).not.toContain("waits");
  expect(WORST_FIRST.filter(needsAttention).map((one) => one.id)).toContain("stands blind");
});

test("numbers with a warning beside them need somebody, though they are fresh", () => {
  const noted = (severity: "info" | "warning") => bot({ balance_and_volume: balance({ finding: finding({ severity }) }) });
  expect(needsAttention(noted("warning"))).toBe(true);
  expect(needsAttention(noted("info"))).toBe(false);
});

test("filters narrow, by what people read", () => {
  const bots = [bot({ id: "a", name: "Alpha", account: "client_a" }), bot({ id: "b", name: "Beta", account: "client_b", status: "stopped" })];
  const ids = (change: Partial<Wish>) => arrange(bots, { ...wish, ...change }).map((one) => one.id);
  expect(ids({ client: "client_b" })).toEqual(["b"]);
  expect(ids({ text: "ALPHA" })).toEqual(["a"]);
  expect(ids({ show: "stopped" })).toEqual(["b"]);
  expect(ids({ show: "running", text: "beta" })).toEqual([]);
});

test("a summary counts, worst first", () => {
  expect(inWords(WORST_FIRST)).toBe("1 down, 1 killed, 1 halted, 2 blocked, 3 trading, 2 stopped, 1 held, 1 waiting");
});
