import type { Evidence, Finding } from "@/api/types";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";
import { fullTime } from "@/lib/time";

import { Since } from "./age";
import styles from "./finding-note.module.css";

/** A diagnosed problem: what, why, what fixes it, and on demand the exchange call that shows it. */
export function FindingNote({ finding, plain = false }: { finding: Finding; plain?: boolean }) {
  return (
    <div
      className={classNames(styles.note, styles[finding.severity], plain && styles.plain)}
      data-testid="finding"
      data-code={finding.code}
    >
      <p className={styles.title}>
        <strong>{sentence(finding.title)}</strong> {!finding.code.startsWith("page.") && <Since time={finding.since} />}
      </p>
      <p>{finding.cause}</p>
      <p className={styles.fix}>
        <span className={styles.label}>What fixes it</span> {finding.fix}
      </p>
      {finding.evidence !== null && <EvidenceDetails code={finding.code} evidence={finding.evidence} />}
    </div>
  );
}

function EvidenceDetails({ code, evidence }: { code: string; evidence: Evidence }) {
  const call = [evidence.method, evidence.endpoint].filter((part) => part !== null).join(" ");
  const rows: [string, string | null][] = [
    ["Call", call === "" ? evidence.call : `${evidence.call}: ${call}`],
    ["HTTP status", evidence.http_status === null ? "no answer" : String(evidence.http_status)],
    ["Exchange code", evidence.exchange_code],
    ["Exchange text", evidence.exchange_text],
    ["Took", evidence.latency_ms === null ? null : `${evidence.latency_ms} ms`],
    ["At", evidence.at === null ? null : fullTime(evidence.at)],
    ["Request id", evidence.request_id],
    ["Finding", code],
  ];
  return (
    <details className={styles.evidence}>
      <summary>Evidence</summary>
      <dl>
        {rows.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{value}</code>
              </dd>
            </div>
          ),
        )}
      </dl>
    </details>
  );
}
