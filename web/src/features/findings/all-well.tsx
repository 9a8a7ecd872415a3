import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./findings.module.css";

/** Nothing is open, and the server said so at that time. */
export function AllWell({ answeredAt }: { answeredAt: number }) {
  const now = useNow();
  return (
    <p className={styles.well} data-testid="all-well">
      <svg viewBox="0 0 14 14" aria-hidden="true">
        <path d="M2 7.500 5.500 11 12 3.500" />
      </svg>
      <span>
        <strong>All well.</strong> No finding is open, as of {clockTime(new Date(answeredAt).toISOString(), now)}.
      </span>
    </p>
  );
}
