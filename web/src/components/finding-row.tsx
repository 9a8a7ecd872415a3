import { useId, useState } from "react";

import type { RecordedFinding } from "@/api/types";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";
import { clockTime, duration, secondsBetween } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { Since } from "./age";
import { FindingBody } from "./finding-note";
import styles from "./finding-row.module.css";
import { ACTS, SEVERITIES, times } from "./finding-words";
import { ResolvedSign, SeveritySign } from "./severity-sign";
import { SubjectName } from "./subject-name";
import { Button } from "./ui/button";

/** A finding on two lines; the rest of it on demand. */
export function FindingRow({ recorded }: { recorded: RecordedFinding }) {
  const [open, setOpen] = useState(false);
  const region = useId();
  const { finding, subject } = recorded;
  const struck = times(recorded.count);
  const over = recorded.resolved_at !== null;
  return (
    <li className={classNames(styles.row, over ? styles.over : styles[finding.severity])} data-testid="finding-row" data-code={finding.code} data-resolved={over}>
      <div className={styles.severity}>
        {over ? <ResolvedSign /> : <SeveritySign severity={finding.severity} />}
      </div>
      <div className={styles.what}>
        <h3>{sentence(finding.title)}</h3>
        <ul className={styles.facts}>
          <li>
            <SubjectName subject={subject} code={finding.code} />
          </li>
          <li>
            <Lasted recorded={recorded} />
            {struck !== null && `, ${struck}`}
          </li>
          <li data-testid="acts">{over ? `Was ${SEVERITIES[finding.severity].toLowerCase()}` : ACTS[finding.for_client.who_acts]}</li>
        </ul>
      </div>
      <Button
        small
        look="bare"
        className={styles.more}
        aria-expanded={open}
        aria-controls={open ? region : undefined}
        onClick={() => setOpen(!open)}
        data-testid="finding-details"
      >
        {open ? "Less" : "Cause and fix"}
        <span className="visually-hidden"> of: {finding.title}</span>
      </Button>
      {open && (
        <div id={region} className={styles.body}>
          <FindingBody finding={finding} />
          {!over && (
            <p className={styles.unattended}>
              <b>If nobody comes</b> {recorded.unattended}
              {recorded.wakes && " It is worth waking somebody."}
            </p>
          )}
        </div>
      )}
    </li>
  );
}

function Lasted({ recorded }: { recorded: RecordedFinding }) {
  const now = useNow();
  const { first_seen: from, resolved_at: until } = recorded;
  if (until === null) return <Since time={from} />;
  const seconds = secondsBetween(from, new Date(until).getTime());
  return (
    <>
      <time dateTime={from}>{clockTime(from, now)}</time> to <time dateTime={until}>{clockTime(until, now)}</time>
      {seconds >= 1 && ` (${duration(seconds)})`}
    </>
  );
}
