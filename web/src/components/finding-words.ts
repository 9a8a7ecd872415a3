import type { Finding, Severity } from "@/api/types";

export const SEVERITIES: Record<Severity, string> = {
  critical: "Critical",
  warning: "Warning",
  info: "For information",
};

/** What a finding does to orders. */
export const EFFECTS: Record<Finding["effect"], string> = {
  trading_goes_on: "Trading goes on",
  orders_held: "No new orders are sent",
  orders_cancelled: "Open orders are cancelled",
  killed: "Everything is cancelled; trading stays off until somebody starts it again",
  unknown: "Not known",
};

/** Who must act, as the operator reads it: the server's "you" is the client. */
export const ACTORS: Record<Finding["for_client"]["who_acts"], string> = {
  you: "The client",
  operator: "You, the operator",
  exchange: "The exchange",
  nobody: "Nobody: it passes by itself",
};

/** Null: it struck once, which goes without saying. */
export function times(count: number): string | null {
  return count > 1 ? `${count} times` : null;
}

/** The same in a line of its own. */
export const ACTS: Record<Finding["for_client"]["who_acts"], string> = {
  you: "The client must act",
  operator: "You must act",
  exchange: "The exchange must act",
  nobody: "Passes by itself",
};

/** `2 critical, 1 warning`; what there is none of is left out. */
export function inSeverities(severities: readonly Severity[]): string {
  const count = (severity: Severity) => severities.filter((one) => one === severity).length;
  const words: [number, string][] = [
    [count("critical"), "critical"],
    [count("warning"), count("warning") === 1 ? "warning" : "warnings"],
    [count("info"), "for information"],
  ];
  return words.filter(([many]) => many > 0).map(([many, word]) => `${many} ${word}`).join(", ");
}

/** Those that the navigation counts. */
export function isUrgent(severity: Severity): boolean {
  return severity !== "info";
}
