import type { Bot, Order } from "@/api/types";
import { Amount } from "@/components/amount";
import { ScrollArea } from "@/components/scroll-area";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { currencies } from "./pair";
import styles from "./rows.module.css";

const WORDS: Record<Order["state"], string> = {
  pending_new: "being sent",
  unresolved: "no clear answer yet: it may live at the exchange",
  new: "open",
  partially_filled: "partly filled",
  pending_cancel: "being cancelled",
  filled: "filled",
  canceled: "cancelled",
  expired: "expired",
  rejected: "refused by the exchange",
  denied: "held back by a limit",
  not_sent: "not sent",
  absent: "never reached the exchange",
};

const LIVE: ReadonlySet<Order["state"]> = new Set(["pending_new", "unresolved", "new", "partially_filled", "pending_cancel"]);

export function OrdersTable({ orders, bot }: { orders: readonly Order[]; bot: Pick<Bot, "name" | "pair"> }) {
  const now = useNow();
  const [base] = currencies(bot.pair) ?? [""];
  return (
    <ScrollArea label={`Orders of ${bot.name}`}>
      <table className={styles.rows} data-testid="orders">
        <caption className="visually-hidden">Orders on {bot.pair}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Side</th>
            <th scope="col" className={styles.number}>
              Price
            </th>
            <th scope="col" className={styles.number}>
              Amount <small>{base}</small>
            </th>
            <th scope="col" className={styles.number}>
              Filled
            </th>
            <th scope="col">State</th>
            <th scope="col" className={styles.minor}>
              Order id
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id} data-testid="order" data-state={order.state} className={LIVE.has(order.state) ? styles.live : undefined}>
              <td>
                <time dateTime={order.time} title={fullTime(order.time)}>
                  {clockTime(order.time, now)}
                </time>
              </td>
              <td className={order.side === "buy" ? styles.buy : styles.sell}>{order.side === "buy" ? "Buy" : "Sell"}</td>
              <td className={styles.number}>{order.price === null ? "market" : <Amount value={order.price} />}</td>
              <td className={styles.number}>
                <Amount value={order.amount} />
              </td>
              <td className={styles.number}>
                <Amount value={order.filled} />
              </td>
              <td className={styles.words}>
                {WORDS[order.state]}
                {order.refusal_text !== null && (
                  <small>
                    {order.refusal_code !== null && `${order.refusal_code}: `}
                    {order.refusal_text}
                  </small>
                )}
              </td>
              <td className={styles.minor}>
                <code>{order.id}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
