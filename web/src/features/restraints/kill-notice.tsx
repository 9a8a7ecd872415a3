import { useRearm } from "@/api/restraints";
import type { Finding, Kill } from "@/api/types";
import { Since } from "@/components/age";
import { ReasonAsk } from "@/components/reason-ask";
import { botsOf, scopeWords } from "@/components/scope-words";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./notice.module.css";

/** A kill that holds: how far it is, what it waits for, and the way out. "Done" is the exchange's word, as the server heard it. */
export function KillNotice({ kill }: { kill: Kill }) {
  const rearm = useRearm(kill.id);
  return (
    <section className={classNames(styles.notice, styles.kill)} aria-label={`Kill switch: ${scopeWords(kill.scope)}`} data-testid="kill" data-state={kill.state}>
      <h2>
        {scopeWords(kill.scope)} {kill.state === "stopping" ? "is being stopped" : "is killed"}
      </h2>
      <Progress kill={kill} />
      {kill.waits_for.length > 0 && (
        <ul className={styles.waits} data-testid="kill-waits">
          {kill.waits_for.map((one) => (
            <li key={one.connector_id}>
              <b>Waits for {one.name}</b>
              : {sentence(one.finding.title)}. {takesPeople(one.finding) && one.finding.fix}
            </li>
          ))}
        </ul>
      )}
      <p className={styles.quiet}>
        {kill.asked_by} <Since time={kill.asked_at} />: “{kill.reason}”. {kill.by_hand ? "Orders placed by hand are cancelled too." : "Orders placed by hand are left alone."}
      </p>
      <ReasonAsk
        label="Re-arm"
        of={botsOf(kill.scope)}
        explain={`Lets ${botsOf(kill.scope)} send orders again. Those that are wished running start once their start checks pass.`}
        busy={rearm.isPending}
        error={rearm.error}
        onSubmit={(reason) => rearm.mutate(reason)}
        testId="rearm"
      />
    </section>
  );
}

/** What passes by itself needs no advice here, and what follows for quoting then does not hold under a kill. */
function takesPeople(finding: Finding): boolean {
  return finding.for_client.who_acts === "operator" || finding.for_client.who_acts === "you";
}

function Progress({ kill }: { kill: Kill }) {
  const now = useNow();
  // an order that shows up after that makes it go on
  const doneAt = kill.state === "done" ? kill.done_at : null;
  return (
    <div className={styles.progress}>
      <p role="status" data-testid="kill-progress">
        {doneAt === null ? (
          <>{sentence(kill.text)}. Not done yet: orders may still be open at the exchange.</>
        ) : (
          <>
            <b className={styles.good}>Done</b>{" "}
            <time dateTime={doneAt} title={fullTime(doneAt)}>
              at {clockTime(doneAt, now)}
            </time>
            : the exchange shows no open order here. {sentence(kill.text)}.
          </>
        )}
      </p>
      {doneAt === null && kill.total !== null && kill.confirmed !== null && kill.total > 0 && (
        <progress max={kill.total} value={kill.confirmed} aria-label="Orders whose end the exchange has confirmed" />
      )}
    </div>
  );
}
