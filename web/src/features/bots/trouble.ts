import { balanceReading } from "@/api/reading";
import type { Bot } from "@/api/types";

/** How urgently somebody must look, 0 first. What is wrong with money comes before what is merely not trading. */
export function troubleRank(bot: Bot): number {
  const balance = balanceReading(bot.balance_and_volume);
  const wished = bot.status === "running";
  if (bot.state.code === "down") return 0;
  if (bot.state.code === "killed") return 1;
  if (bot.state.code === "halted") return 2;
  if (bot.state.code === "blocked") return bot.state.finding?.severity === "critical" ? 3 : 4;
  if (balance.kind === "unknown") return wished ? 5 : 6;
  const noted = balance.finding !== null && balance.finding.severity !== "info";
  if (balance.kind === "stale" || noted) return wished ? 7 : 8;
  switch (bot.state.code) {
    case "stopping":
      return 9;
    case "starting":
      return 10;
    case "held":
      return 11;
    case "waiting":
      return 12;
    case "trading":
      return 13;
    case "stopped":
      return 14;
  }
}

export function needsAttention(bot: Bot): boolean {
  return troubleRank(bot) <= 8;
}

export const SHOWS = ["all", "attention", "running", "stopped"] as const;
export type Show = (typeof SHOWS)[number];

export const SORTS = ["trouble", "name", "client", "newest"] as const;
export type Sort = (typeof SORTS)[number];

export interface Wish {
  show: Show;
  sort: Sort;
  /** "" for every client */
  client: string;
  text: string;
}

export function isShown(bot: Bot, show: Show): boolean {
  switch (show) {
    case "all":
      return true;
    case "attention":
      return needsAttention(bot);
    case "running":
      return bot.status === "running";
    case "stopped":
      return bot.status === "stopped";
  }
}

export function arrange(bots: readonly Bot[], wish: Wish): Bot[] {
  const text = wish.text.trim().toLowerCase();
  return bots
    .filter((bot) => isShown(bot, wish.show))
    .filter((bot) => wish.client === "" || bot.account === wish.client)
    .filter((bot) => text === "" || searchable(bot).includes(text))
    .sort((a, b) => firstOf(compare(a, b, wish.sort), a.name.localeCompare(b.name), a.id.localeCompare(b.id)));
}

/** The first order that tells the two apart. */
function firstOf(...orders: number[]): number {
  return orders.find((order) => order !== 0) ?? 0;
}

function compare(a: Bot, b: Bot, sort: Sort): number {
  switch (sort) {
    case "trouble":
      return troubleRank(a) - troubleRank(b);
    case "name":
      return 0;
    case "client":
      return a.account.localeCompare(b.account);
    case "newest":
      return b.created_at.localeCompare(a.created_at);
  }
}

function searchable(bot: Bot): string {
  return [bot.name, bot.account, bot.pair, bot.exchange ?? bot.connector, bot.state.text].join(" ").toLowerCase();
}

/** `5 bots: 1 blocked, 3 trading, 1 stopped`, worst first. */
export function inWords(bots: readonly Bot[]): string {
  const counts = new Map<string, number>();
  for (const bot of [...bots].sort((a, b) => troubleRank(a) - troubleRank(b))) {
    counts.set(bot.state.code, (counts.get(bot.state.code) ?? 0) + 1);
  }
  const parts = [...counts].map(([code, count]) => `${count} ${code}`);
  return parts.join(", ");
}
