import type { Bot, Trade } from "@/api/types";
import { Amount } from "@/components/amount";
import { ScrollArea } from "@/components/scroll-area";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { currencies } from "./pair";
import styles from "./rows.module.css";

interface Props {
  trades: readonly Trade[];
  bot: Pick<Bot, "name" | "pair">;
  /** Without fee and role. */
  short?: boolean;
}

/** Own fills, newest first. What the exchange did not say reads "not said", a rebate is a negative fee. */
export function TradesTable({ trades, bot, short = false }: Props) {
  const now = useNow();
  const [base, quote] = currencies(bot.pair) ?? ["", ""];
  return (
    <ScrollArea label={`Trades of ${bot.name}`}>
      <table className={styles.rows} data-testid="trades">
        <caption className="visually-hidden">Own trades on {bot.pair}, newest first</caption>
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
              Value <small>{quote}</small>
            </th>
            {!short && (
              <>
                <th scope="col" className={styles.minor}>
                  Fee
                </th>
                <th scope="col" className={styles.minor}>
                  Role
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {trades.map((trade) => (
            <tr key={trade.id} data-testid="trade">
              <td>
                <time dateTime={trade.time} title={fullTime(trade.time)}>
                  {clockTime(trade.time, now)}
                </time>
              </td>
              <td className={trade.side === "buy" ? styles.buy : styles.sell}>{trade.side === "buy" ? "Buy" : "Sell"}</td>
              <td className={styles.number}>
                <Amount value={trade.price} />
              </td>
              <td className={styles.number}>
                <Amount value={trade.amount} />
              </td>
              <td className={styles.number}>
                <Amount value={trade.cost} />
              </td>
              {!short && <FeeAndRole trade={trade} />}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function FeeAndRole({ trade }: { trade: Trade }) {
  const { fee, fee_currency: currency, role } = trade;
  return (
    <>
      <td className={styles.minor}>
        {fee === null ? "not said" : currency === null ? <Amount value={fee} /> : <Amount value={fee} currency={currency} />}
      </td>
      <td className={styles.minor}>{role ?? "not said"}</td>
    </>
  );
}
