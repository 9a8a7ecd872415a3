import type { Limit } from "@/api/types";
import { shifted } from "@/lib/decimal";

type Unit = Limit["unit"];

export const SOURCES: Record<Limit["source"], string> = {
  default: "Default",
  platform: "Set for the platform",
  client: "Set for the client",
  bot: "Set for this bot",
};

/** What stands behind the number. */
export function unitWord(unit: Unit, quote: string | null): string {
  switch (unit) {
    case "bps":
      return "bps";
    case "quote":
      return quote ?? "in quote";
    case "share":
      return "%";
    case "count":
      return "";
    case "per_minute":
      return "a minute";
    case "seconds":
      return "s";
  }
}

/** People read shares in per cent; the server keeps them as parts of one. */
export function shown(value: string, unit: Unit): string {
  return unit === "share" ? (shifted(value, 2) ?? value) : value;
}

/** What people typed, as the server keeps it; what is no number is sent as it is, and refused there in words. */
export function typed(text: string, unit: Unit): string {
  const value = text.trim();
  return unit === "share" ? (shifted(value, -2) ?? value) : value;
}

/** `name -> value` of what was changed; an emptied field gives its value back to what stands above it. */
export function changes(limits: readonly Limit[], given: Readonly<Record<string, string>>, own: Limit["source"]): Record<string, string | null> {
  const changed: Record<string, string | null> = {};
  for (const { name, unit, value, source } of limits) {
    const text = given[name];
    if (text === undefined) continue;
    const before = source === own ? value : null;
    const after = text.trim() === "" ? null : typed(text, unit);
    if (after !== before) changed[name] = after;
  }
  return changed;
}

/** A client's or the platform's own limits, and those that it sets for each of its bots. */
export function groups(limits: readonly Limit[]): { title: string; limits: Limit[] }[] {
  const each = limits.filter((one) => one.name.startsWith("bot."));
  const own = limits.filter((one) => !one.name.startsWith("bot."));
  return each.length === 0
    ? [{ title: "Limits", limits: own }]
    : [
        { title: "All bots together", limits: own },
        { title: "Each bot that has no value of its own", limits: each },
      ];
}
