import { isOfPage } from "@/api/page-finding";
import type { Finding } from "@/api/types";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";

import { Since } from "./age";
import styles from "./finding-note.module.css";
import { FindingTools } from "./finding-tools";
import { ACTORS, EFFECTS, times } from "./finding-words";

/** A diagnosed problem: what, why, what fixes it, what it does to orders, who acts; on demand the call that shows it. */
export function FindingNote({ finding }: { finding: Finding }) {
  const struck = finding.history === null ? null : times(finding.history.count);
  return (
    <div className={classNames(styles.note, styles[finding.severity])} data-testid="finding" data-code={finding.code}>
      <p className={styles.title}>
        <strong>{sentence(finding.title)}</strong>{" "}
        {!isOfPage(finding) && (
          <span className={styles.since}>
            <Since time={finding.since} />
            {struck !== null && `, ${struck}`}
          </span>
        )}
      </p>
      <FindingBody finding={finding} />
    </div>
  );
}

/** All of it but its name, for where the name stands in a line of its own. */
export function FindingBody({ finding }: { finding: Finding }) {
  const note = finding.history?.note ?? null;
  return (
    <>
      <p>{finding.cause}</p>
      <p>
        <span className={styles.label}>What fixes it</span> {finding.fix}
      </p>
      {!isOfPage(finding) && (
        <dl className={styles.facts}>
          <div>
            <dt>Orders</dt>
            <dd data-testid="effect">{EFFECTS[finding.effect]}</dd>
          </div>
          <div>
            <dt>Who must act</dt>
            <dd data-testid="who-acts">{ACTORS[finding.for_client.who_acts]}</dd>
          </div>
        </dl>
      )}
      {note !== null && (
        <p className={styles.pinned} data-testid="finding-note">
          <span className={styles.label}>Note to the client</span> {note}
        </p>
      )}
      {!isOfPage(finding) && <FindingTools finding={finding} />}
    </>
  );
}
