import type { BalanceReading } from "@/api/reading";
import { Amount, Unmeasured } from "@/components/amount";
import { classNames } from "@/lib/class-names";

import styles from "./holdings.module.css";

interface Props {
  /** Whose they are. */
  of: string;
  currencies: readonly string[];
  reading: BalanceReading;
  /** In a list: smaller. */
  small?: boolean;
}

/** Available | Locked of each currency. */
export function Holdings({ of, currencies, reading, small = false }: Props) {
  return (
    <table
      className={classNames(styles.holdings, small && styles.small, styles[widest(reading, currencies)], reading.kind === "stale" && styles.stale)}
      data-testid="holdings"
    >
      <caption className="visually-hidden">Balances of {of}</caption>
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
        {currencies.map((currency) => (
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
