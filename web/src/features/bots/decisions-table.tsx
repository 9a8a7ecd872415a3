import type { Decision } from "@/api/types";
import { ScrollArea } from "@/components/scroll-area";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";
import { clockTime, duration, fullTime, secondsBetween } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { remarks } from "./remarks";
import styles from "./rows.module.css";
import { WantedOrders } from "./wanted-orders";

interface Props {
  decisions: readonly Decision[];
  /** The one that stands, counted up to now; its row in the list is not counted yet. */
  current: Decision | null;
  name: string;
}

/** What a bot decided, a line for as long as it said the same. */
export function DecisionsTable({ decisions, current, name }: Props) {
  const now = useNow();
  return (
    <ScrollArea label={`Decisions of ${name}`}>
      <table className={styles.rows} data-testid="decisions">
        <caption className="visually-hidden">Decisions of {name}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Reason</th>
            <th scope="col">For</th>
            <th scope="col" className={classNames(styles.number, styles.minor)}>
              Cycles
            </th>
            <th scope="col" className={styles.minor}>
              Wanted
            </th>
          </tr>
        </thead>
        <tbody>
          {decisions.map((row) => (row.id === current?.id ? { ...row, cycles: current.cycles, stands: true } : { ...row, stands: false })).map((one) => (
            <tr key={one.id} data-testid="decision" data-reason={one.reason.code}>
              <td>
                <time dateTime={one.decided_at} title={fullTime(one.decided_at)}>
                  {clockTime(one.decided_at, now)}
                </time>
              </td>
              <td className={styles.words}>
                {sentence(one.reason.text)}
                {remarks(one).map((remark) => (
                  <small key={remark}>{remark}</small>
                ))}
              </td>
              <td className={styles.brief}>{lasted(one, now)}</td>
              <td className={classNames(styles.number, styles.minor)}>{one.cycles ?? "not counted"}</td>
              <td className={styles.minor}>
                <Wanted wanted={one.wanted} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function lasted(decision: Decision & { stands: boolean }, now: number): string {
  if (decision.ended_at !== null) return duration(secondsBetween(decision.decided_at, new Date(decision.ended_at).getTime()));
  return decision.stands ? `${duration(secondsBetween(decision.decided_at, now))}, still` : "until the server ended";
}

function Wanted({ wanted }: { wanted: Decision["wanted"] }) {
  if (wanted === null) return <>left as it was</>;
  return wanted.length === 0 ? <>no order</> : <WantedOrders wanted={wanted} />;
}
