import type { Decision } from "@/api/types";
import { Amount } from "@/components/amount";

import { currencies } from "./pair";
import styles from "./rows.module.css";

interface Props {
  wanted: NonNullable<Decision["wanted"]>;
  /** Given: currencies are named. */
  pair?: string;
}

/** The orders that should stand, one on a line. */
export function WantedOrders({ wanted, pair }: Props) {
  const [base, quote] = (pair === undefined ? null : currencies(pair)) ?? [undefined, undefined];
  return (
    <ul data-testid="wanted">
      {wanted.map((order) => (
        <li key={`${order.side} ${order.price} ${order.amount}`}>
          <span className={order.side === "buy" ? styles.buy : styles.sell}>{order.side === "buy" ? "Buy" : "Sell"}</span>{" "}
          <Sum value={order.amount} currency={base} /> at <Sum value={order.price} currency={quote} />
        </li>
      ))}
    </ul>
  );
}

function Sum({ value, currency }: { value: string; currency: string | undefined }) {
  return currency === undefined ? <Amount value={value} /> : <Amount value={value} currency={currency} />;
}
