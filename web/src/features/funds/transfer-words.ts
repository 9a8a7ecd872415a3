import type { Transfer, TransferLabel } from "@/api/types";

export const LABELS: Record<TransferLabel, string> = {
  deposit: "Deposit",
  withdrawal: "Withdrawal",
  internal: "Between own wallets or sub-accounts",
  interest: "Interest",
  airdrop: "Airdrop",
  fee: "Fee",
  manual_trade: "Traded by hand",
  other: "Something else",
};

export const SOURCES: Record<Transfer["source"], string> = {
  exchange: "Recorded by the exchange",
  observed: "Seen in the balance; nothing explains it",
  contradiction: "Seen in the balance; it takes back what a recorded fill had moved",
};

export function labelOf(text: string): TransferLabel | null {
  return LABEL_IDS.find((one) => one === text) ?? null;
}

// every key is a label, by the type of LABELS
export const LABEL_IDS = Object.keys(LABELS) as TransferLabel[];

/** By the sign of a plain decimal. */
export function hasLeft(transfer: Pick<Transfer, "amount">): boolean {
  return transfer.amount.startsWith("-");
}
