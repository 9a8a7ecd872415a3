import { POLL_INTERVAL_MS, useLive } from "@/api/live";
import { classNames } from "@/lib/class-names";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./live-sign.module.css";

/** How this page learns of changes: pushed, or asked for, and since when. */
export function LiveSign() {
  const live = useLive();
  const now = useNow();
  switch (live.kind) {
    case "live":
      return (
        <span className={classNames(styles.sign, styles.live)} role="status" data-testid="live" data-live="live">
          Live
        </span>
      );
    case "connecting":
      return (
        <span className={styles.sign} role="status" data-testid="live" data-live="connecting">
          Connecting
        </span>
      );
    case "polling":
      return (
        <span className={classNames(styles.sign, styles.polling)} role="status" data-testid="live" data-live="polling">
          Live updates lost at {clockTime(new Date(live.since).toISOString(), now)}: asking every {POLL_INTERVAL_MS / 1000} s
        </span>
      );
  }
}
