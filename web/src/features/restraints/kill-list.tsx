import type { Kill } from "@/api/types";
import { scopeWords } from "@/components/scope-words";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./restraint-list.module.css";

/** Kills that somebody re-armed. */
export function KillList({ kills }: { kills: readonly Kill[] }) {
  const now = useNow();
  return (
    <ul className={styles.list} data-testid="kill-list">
      {kills.map((kill) => (
        <li key={kill.id} className={styles.row} data-testid="kill-row">
          <p className={styles.state}>Re-armed</p>
          <div className={styles.what}>
            <h3>{scopeWords(kill.scope)}</h3>
            <p title={fullTime(kill.asked_at)}>
              {clockTime(kill.asked_at, now)}
              {kill.rearmed_at !== null && ` to ${clockTime(kill.rearmed_at, now)}`}
              {kill.done_at === null ? ", never confirmed" : `, confirmed at ${clockTime(kill.done_at, now)}`}
            </p>
            <p className={styles.quiet}>
              {kill.asked_by}: “{kill.reason}”
            </p>
            {kill.rearmed_by !== null && (
              <p className={styles.quiet}>
                Re-armed by {kill.rearmed_by}
                {kill.rearm_reason !== null && `: “${kill.rearm_reason}”`}
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
