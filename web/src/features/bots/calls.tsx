import type { BalanceDebug } from "@/api/types";
import { ScrollArea } from "@/components/scroll-area";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./rows.module.css";

const SHOWN = 10;

type Session = BalanceDebug["sessions"][number];

/** The last calls of a session, newest first. */
export function Calls({ session }: { session: Session }) {
  const now = useNow();
  const calls = session.calls.slice(-SHOWN).reverse();
  if (calls.length === 0) return <p>It has not called the exchange yet.</p>;
  return (
    <ScrollArea label={`Last calls of ${session.key}`}>
      <table className={styles.rows} data-testid="calls">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Call</th>
            <th scope="col">Answer</th>
            <th scope="col" className={styles.number}>
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call, at) => (
            <tr key={at} className={call.finding_code === null ? undefined : styles.failed}>
              <td>{call.at === null ? "not known" : clockTime(call.at, now)}</td>
              <td>
                {call.call} {call.endpoint !== null && <small>{call.endpoint}</small>}
              </td>
              <td className={styles.words}>{answerOf(call)}</td>
              <td className={styles.number}>{call.latency_ms === null ? "no answer" : `${call.latency_ms} ms`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function answerOf(call: Session["calls"][number]): string {
  const http = call.http_status === null ? "no answer" : String(call.http_status);
  return [http, call.exchange_code, call.exchange_text, call.finding_code].filter((part) => part !== null).join(" · ");
}
