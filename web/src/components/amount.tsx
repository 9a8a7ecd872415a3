import { decimalParts } from "@/lib/decimal";
import { classNames } from "@/lib/class-names";

import styles from "./amount.module.css";

interface Props {
  /** A decimal string as the API sent it. Unknown has no amount: it is drawn by `Unmeasured`. */
  value: string;
  currency?: string;
  className?: string | undefined;
}

/**
 * The one place where an amount becomes text. Digits are those of the server, all of them; groups are set apart by
 * space that is not text, so that what is copied, searched or read aloud is the exact decimal string.
 */
export function Amount({ value, currency, className }: Props) {
  const parts = decimalParts(value);
  if (parts === null) return <Unmeasured what={`not a decimal: “${value}”`} />;
  return (
    <span className={classNames(styles.amount, className)} data-amount={value}>
      <span className={styles.number}>
        {parts.negative ? "-" : ""}
        {parts.groups.map((group, at) => (
          // groups of one number never move
          <span key={at} className={styles.group}>
            {group}
          </span>
        ))}
        {parts.fraction !== null && <span className={styles.fraction}>.{parts.fraction}</span>}
      </span>
      {currency !== undefined && <span className={styles.currency}> {currency}</span>}
    </span>
  );
}

/** Stands where a number would: hatched, as drawings mark what was not measured. */
export function Unmeasured({ what = "unknown" }: { what?: string }) {
  return (
    <span className={styles.unmeasured} data-unmeasured="true">
      <span>{what}</span>
    </span>
  );
}
