import type { Bot, LockedBy } from "@/api/types";
import { Amount, Unmeasured } from "@/components/amount";

import styles from "./locked-split.module.css";
import { currencies } from "./pair";

const COLUMNS = [
  ["this_bot", "This bot"],
  ["other_bots", "Other bots"],
  ["by_hand", "By hand"],
] as const satisfies readonly [keyof LockedBy, string][];

interface Props {
  bot: Pick<Bot, "name" | "pair">;
  /** Null: not known; undefined: this answer does not say, and nothing is shown. */
  lockedBy: LockedBy | null | undefined;
}

/** Whose orders hold what is locked. Orders on their way count, so the sum may lead the exchange's own figure. */
export function LockedSplit({ bot, lockedBy }: Props) {
  if (lockedBy === undefined) return null;
  const rows = currencies(bot.pair) ?? [bot.pair];
  return (
    <table className={styles.split} data-testid="locked-by">
      <caption>Locked by orders of</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Currency</span>
          </th>
          {COLUMNS.map(([key, label]) => (
            <th key={key} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((currency) => (
          <tr key={currency}>
            <th scope="row">{currency}</th>
            {COLUMNS.map(([key]) => (
              <td key={key} data-testid={`locked-by-${key}-${currency}`}>
                <Part value={lockedBy?.[key][currency]} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Part({ value }: { value: string | undefined }) {
  return value === undefined ? <Unmeasured /> : <Amount value={value} />;
}
