import type { Client } from "@/api/types";

/** The client that an address names, in any case; undefined: none, or not known yet. */
export function clientOf(clients: readonly Client[] | undefined, account: string): Client | undefined {
  const wanted = account.trim().toLowerCase();
  return clients?.find((one) => one.account.toLowerCase() === wanted);
}
