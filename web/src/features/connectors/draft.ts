import type { ConnectorDraft, ManualTrading } from "@/api/types";

export interface Given {
  isNew: boolean;
  exchange: string;
  name: string;
  /** What the key is called at the exchange. */
  keyLabel: string;
  secrets: Readonly<Record<string, string>>;
  baseUrl: string;
  proxyUrl: string;
  dropProxy: boolean;
  ipv4Only: boolean;
  /** Seconds, as they were typed. */
  timeout: string;
  manualTrading: ManualTrading;
}

/** What is sent: an empty secret never is; `""` for an address or a label and 0 for a timeout remove
 * it, and leaving it out keeps it. */
export function draftOf(given: Given): ConnectorDraft {
  const { isNew, exchange, name, keyLabel, secrets, baseUrl, proxyUrl, dropProxy, ipv4Only, timeout, manualTrading } = given;
  const filled = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value.trim() !== ""));
  return {
    ...filled,
    ...(name.trim() === "" ? {} : { name }),
    ...(isNew ? { exchange } : {}),
    ...(isNew && keyLabel.trim() === "" ? {} : { key_label: keyLabel.trim() }),
    ...(isNew && baseUrl === "" ? {} : { base_url: baseUrl }),
    ...(dropProxy ? { proxy_url: "" } : proxyUrl === "" ? {} : { proxy_url: proxyUrl }),
    ipv4_only: ipv4Only,
    ...(timeout.trim() === "" ? (isNew ? {} : { timeout_s: 0 }) : { timeout_s: Number(timeout) }),
    manual_trading: manualTrading,
  };
}
