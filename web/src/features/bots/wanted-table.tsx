import type { Bot, Decision } from "@/api/types";
import { Amount } from "@/components/amount";

import { currencies } from "./pair";
import styles from "./rows.module.css";

interface Props {
  wanted: NonNullable<Decision["wanted"]>;
  bot: Pick<Bot, "pair">;
}

/** The orders that should stand. */
export function WantedTable({ wanted, bot }: Props) {
  const [base, quote] = currencies(bot.pair) ?? ["", ""];
  return (
    <table className={styles.rows} data-testid="wanted">
      <caption className="visually-hidden">Orders that the bot wants on {bot.pair}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Side</th>
          <th scope="col">Amount</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        {wanted.map((order) => (
          <tr key={`${order.side} ${order.price} ${order.amount}`}>
            <td className={order.side === "buy" ? styles.buy : styles.sell}>{order.side === "buy" ? "Buy" : "Sell"}</td>
            <td className={styles.number}>
              <Amount value={order.amount} currency={base} />
            </td>
            <td className={styles.number}>
              at <Amount value={order.price} currency={quote} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
