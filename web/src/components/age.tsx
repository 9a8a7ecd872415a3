import { clockTime, duration, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./age.module.css";

interface Props {
  asOf: string;
  /** The age that the server stated, and when the answer came: so a wrong clock on this device does not matter. */
  ageSeconds: number;
  receivedAt: number;
}

/** When the numbers were read, and how long ago. */
export function Age({ asOf, ageSeconds, receivedAt }: Props) {
  const now = useNow();
  const age = ageSeconds + Math.max(0, now - receivedAt) / 1000;
  return (
    <span className={styles.age} title={fullTime(asOf)} data-testid="age">
      Read at <time dateTime={asOf}>{clockTime(asOf, now)}</time>
      <span className={styles.ago}>{age < 1 ? "just now" : `${duration(age)} ago`}</span>
    </span>
  );
}

/** `since 14:03:21 (12 min)` */
export function Since({ time }: { time: string }) {
  const now = useNow();
  const seconds = Math.max(0, (now - new Date(time).getTime()) / 1000);
  return (
    <span className={styles.since} title={fullTime(time)}>
      since <time dateTime={time}>{clockTime(time, now)}</time>
      {seconds >= 1 && ` (${duration(seconds)})`}
    </span>
  );
}

/** `tries again at 14:03:21, in 12 s`; once that time has come: `tries again now` */
export function Until({ time, verb }: { time: string; verb: string }) {
  const now = useNow();
  const seconds = (new Date(time).getTime() - now) / 1000;
  return (
    <span className={styles.until} title={fullTime(time)} data-testid="until">
      {seconds < 1 ? (
        `${verb} now`
      ) : (
        <>
          {verb} at <time dateTime={time}>{clockTime(time, now)}</time>, in {duration(Math.ceil(seconds))}
        </>
      )}
    </span>
  );
}
