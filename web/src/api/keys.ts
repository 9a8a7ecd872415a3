/** Names of what is cached; the live stream refreshes by these prefixes. */
export const keys = {
  me: ["me"] as const,
  bots: ["bots"] as const,
  botsOf: (account: string | null) => ["bots", account ?? ""] as const,
  bot: (id: string) => ["bot", id] as const,
  botPart: (id: string, part: string) => ["bot", id, part] as const,
  /** Apart from the bot: a chart keeps its own pace, however often the bot changes. */
  chart: (id: string) => ["chart", id] as const,
  /** Apart too: it may ask the exchange, so it is asked for by people only. */
  debug: (id: string) => ["debug", id] as const,
  findings: ["findings"] as const,
  findingsOf: (state: "open" | "resolved", clientId: string | null, cursor: string | null) =>
    ["findings", state, clientId ?? "", cursor] as const,
  findingsOfBot: (id: string) => ["findings", "bot", id] as const,
  botTypes: ["bot-types"] as const,
  clients: ["clients"] as const,
  connectors: (clientId: string) => ["connectors", clientId] as const,
  /** Changes with the connectors. */
  balances: (clientId: string, connectorId: string) => ["connectors", clientId, connectorId, "balances"] as const,
  check: (connectorId: string) => ["check", connectorId] as const,
  exchanges: ["exchanges"] as const,
  transfers: ["transfers"] as const,
  transfersOf: (connectorId: string, unlabelled: boolean, cursor: string | null) =>
    ["transfers", connectorId, unlabelled, cursor] as const,
  health: ["health"] as const,
  limits: ["limits"] as const,
  limitsOf: (kind: string, id: string) => ["limits", kind, id] as const,
  kills: ["kills"] as const,
  killsOf: (active: boolean) => ["kills", active] as const,
  holds: ["holds"] as const,
  holdsOf: (active: boolean) => ["holds", active] as const,
};
