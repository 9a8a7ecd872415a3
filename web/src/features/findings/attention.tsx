import { Link } from "react-router";

import { useOpenFindings } from "@/api/findings";
import { BehindNote } from "@/components/behind-note";
import { FindingRow } from "@/components/finding-row";
import { inSeverities } from "@/components/finding-words";
import { PartProblem } from "@/components/problem-note";
import { Loading } from "@/components/ui/placeholder";

import styles from "./findings.module.css";
import { AllWell } from "./all-well";

const SHOWN = 6;

/** The operator's first question. A list that was not answered is never "all well". */
export function Attention() {
  const open = useOpenFindings();
  const findings = open.data?.findings;
  return (
    <section className="stack" aria-labelledby="attention" data-testid="attention">
      <div className="section-head">
        <h2 id="attention">What needs attention</h2>
        {findings !== undefined && findings.length > 0 && (
          <p className={styles.quiet}>{inSeverities(findings.map((one) => one.finding.severity))}</p>
        )}
      </div>
      {findings === undefined ? (
        open.isError ? <Unanswered error={open.error} /> : <Loading what="what needs attention" rows={2} />
      ) : (
        <>
          {open.isError && <BehindNote error={open.error} receivedAt={open.dataUpdatedAt} />}
          {findings.length === 0 ? (
            <AllWell answeredAt={open.dataUpdatedAt} />
          ) : (
            <ul className={styles.list}>
              {findings.slice(0, SHOWN).map((one) => (
                <FindingRow key={one.id} recorded={one} />
              ))}
            </ul>
          )}
          {findings.length > SHOWN && <Link to="/findings">All {findings.length} open findings</Link>}
        </>
      )}
    </section>
  );
}

function Unanswered({ error }: { error: unknown }) {
  return (
    <>
      <p className={styles.unanswered} data-testid="attention-unknown">
        The findings could not be read, so it is not known whether anything needs attention.
      </p>
      <PartProblem error={error} />
    </>
  );
}
