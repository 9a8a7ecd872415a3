import { useLift } from "@/api/restraints";
import type { Hold } from "@/api/types";
import { ReasonAsk } from "@/components/reason-ask";
import { botsOf, scopeWords } from "@/components/scope-words";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { ORDERS, span } from "./hold-words";
import styles from "./restraint-list.module.css";

const STATES: Record<Hold["state"], string> = {
  planned: "Planned",
  active: "On now",
  over: "Ended",
  lifted: "Lifted",
};

/** Holds on a line each: what comes, what is on, or what was. */
export function HoldList({ holds }: { holds: readonly Hold[] }) {
  return (
    <ul className={styles.list} data-testid="hold-list">
      {holds.map((hold) => (
        <Row key={hold.id} hold={hold} />
      ))}
    </ul>
  );
}

function Row({ hold }: { hold: Hold }) {
  const now = useNow();
  return (
    <li className={styles.row} data-testid="hold-row" data-state={hold.state}>
      <p className={styles.state}>{calledOff(hold) ? "Called off" : STATES[hold.state]}</p>
      <div className={styles.what}>
        <h3>{scopeWords(hold.scope)}</h3>
        <p title={fullTime(hold.starts_at)}>{span(calledOff(hold) ? hold : { ...hold, ends_at: hold.lifted_at ?? hold.ends_at }, now)}</p>
        <p className={styles.quiet}>
          {hold.made_by}: “{hold.reason}”. {ORDERS[hold.orders]}.
        </p>
        {hold.lifted_at !== null && (
          <p className={styles.quiet}>
            {calledOff(hold) ? "Called off" : "Lifted"} at {clockTime(hold.lifted_at, now)}
            {hold.lifted_by !== null && ` by ${hold.lifted_by}`}
            {hold.lift_reason !== null && `: “${hold.lift_reason}”`}
          </p>
        )}
      </div>
      {hold.state === "planned" && <CallOff hold={hold} />}
    </li>
  );
}

/** Lifted before it started. */
function calledOff({ lifted_at: liftedAt, starts_at: startsAt }: Hold): boolean {
  return liftedAt !== null && new Date(liftedAt) < new Date(startsAt);
}

function CallOff({ hold }: { hold: Hold }) {
  const lift = useLift(hold.id);
  return (
    <ReasonAsk
      label="Call off"
      of={`the hold of ${botsOf(hold.scope)}`}
      explain="The hold will not start."
      busy={lift.isPending}
      error={lift.error}
      onSubmit={(reason) => lift.mutate(reason)}
      testId="call-off"
    />
  );
}
