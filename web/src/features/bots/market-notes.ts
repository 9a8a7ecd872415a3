import type { Bot } from "@/api/types";

/** null: every bot trades on its exchange's own host. Else what the banner says, each note once, with its pairs. */
export function marketNotes(bots: readonly Bot[]): string[] | null {
  if (!bots.some((bot) => bot.host_label === "sandbox")) return null;
  const pairs = new Map<string, Set<string>>();
  for (const bot of bots) {
    const note = bot.note;
    if (note === null || note === undefined || note === "") continue;
    const known = pairs.get(note) ?? new Set<string>();
    pairs.set(note, known.add(bot.pair));
  }
  return [...pairs].map(([note, of]) => `${[...of].sort().join(", ")}: ${note.replace(/\.?$/, ".")}`);
}
