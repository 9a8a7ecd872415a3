import type { Connector } from "@/api/types";

/** An account at an exchange, by the connectors that open it. */
export interface ExchangeAccount {
  first: Connector;
  /** `main and spare` */
  names: string;
}

/** Connectors that open one account share its funds; one whose account is not known yet stands alone. */
export function exchangeAccounts(connectors: readonly Connector[]): ExchangeAccount[] {
  const groups = new Map<string, Connector[]>();
  for (const one of connectors) {
    const key = one.exchange_account === null ? one.id : `${one.exchange} ${one.exchange_account}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ first, names: group.map((one) => one.name).join(" and ") }];
  });
}
