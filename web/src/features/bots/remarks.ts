import type { Decision } from "@/api/types";
import { sentence } from "@/lib/text";

/** Notes of a decision, each once: one per side may say the same, or just what the reason says. */
export function remarks(decision: Pick<Decision, "notes" | "reason">): string[] {
  const texts = decision.notes.map((note) => note.text).filter((text) => text !== decision.reason.text);
  return [...new Set(texts)].map(sentence);
}
