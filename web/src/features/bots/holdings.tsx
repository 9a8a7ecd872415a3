import type { BalanceReading } from "@/api/reading";
import type { Bot } from "@/api/types";
import { Amount, Unmeasured } from "@/components/amount";
import { classNames } from "@/lib/class-names";

import styles from "./holdings.module.css";
import { currencies } from "./pair";

interface Props {
  bot: Bot;
  reading: BalanceReading;
  /** In a list: smaller. */
  small?: boolean;
}

/** Available | Locked of both currencies. */
export function Holdings({ bot, reading, small = false }: Props) {
  const rows = currencies(bot.pair) ?? [bot.pair];
  return (
    <table
      className={classNames(styles.holdings, small && styles.small, styles[widest(reading, rows)], reading.kind === "stale" && styles.stale)}
      data-testid="holdings"
    >
      <caption className="visually-hidden">Balances of {bot.name}</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Currency</span>
          </th>
          <th scope="col">Available</th>
          <th scope="col">Locked</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((currency) => (
          <tr key={currency}>
            <th scope="row">{currency}</th>
            <td data-testid={`available-${currency}`}>
              <Held reading={reading} column="available" currency={currency} />
            </td>
            <td data-testid={`locked-${currency}`}>
              <Held reading={reading} column="locked" currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface HeldProps {
  reading: BalanceReading;
  column: "available" | "locked";
  currency: string;
}

function Held({ reading, column, currency }: HeldProps) {
  switch (reading.kind) {
    case "unknown":
      return <Unmeasured />;
    case "ok":
    case "stale": {
      const value = reading.holdings[column][currency];
      return value === undefined ? <Unmeasured what="not said" /> : <Amount value={value} />;
    }
  }
}

/** One size for the whole table, after its longest number: every digit is shown, and columns stay comparable. */
function widest(reading: BalanceReading, rows: readonly string[]): "short" | "long" | "longest" {
  if (reading.kind === "unknown") return "short";
  const { available, locked } = reading.holdings;
  const length = Math.max(...rows.flatMap((currency) => [available[currency]?.length ?? 0, locked[currency]?.length ?? 0]));
  if (length <= 12) return "short";
  return length <= 19 ? "long" : "longest";
}
