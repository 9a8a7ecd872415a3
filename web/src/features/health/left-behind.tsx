import { useHealthDetail } from "@/api/health";
import { BehindNote } from "@/components/behind-note";
import { FindingNote } from "@/components/finding-note";
import { ProblemNote } from "@/components/problem-note";
import { Loading } from "@/components/ui/placeholder";

import styles from "./left-behind.module.css";

/** What stays at the exchanges if the server's host dies now. */
export function LeftBehind() {
  const health = useHealthDetail();
  if (health.data === undefined) return health.isError ? <ProblemNote error={health.error} /> : <Loading what="what would stay" rows={2} />;
  const left = health.data.if_host_dies;
  return (
    <>
      {health.isError && <BehindNote error={health.error} receivedAt={health.dataUpdatedAt} />}
      {left.length === 0 ? (
        <p className={styles.quiet}>No exchange account would be left with orders.</p>
      ) : (
        <ul className={styles.list} data-testid="left-behind">
          {left.map((one) => (
            <li key={one.connector_id} className={styles.row}>
              <h3>
                {one.connector ?? "A connector without a session"}
                {one.account !== null && <span className={styles.quiet}> of {one.account}</span>}
              </h3>
              <p>{one.text}</p>
              {one.finding !== null && <FindingNote finding={one.finding} />}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
