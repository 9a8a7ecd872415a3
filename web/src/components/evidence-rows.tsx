import type { Evidence } from "@/api/types";
import { fullTime } from "@/lib/time";

import styles from "./evidence-rows.module.css";

/** The exchange call that shows a problem; what the exchange did not send is left out. */
export function EvidenceRows({ evidence, code }: { evidence: Evidence; code?: string }) {
  const call = [evidence.method, evidence.endpoint].filter((part) => part !== null).join(" ");
  const rows: [string, string | null][] = [
    ["Call", call === "" ? evidence.call : `${evidence.call}: ${call}`],
    ["HTTP status", evidence.http_status === null ? "no answer" : String(evidence.http_status)],
    ["Exchange code", evidence.exchange_code],
    ["Exchange text", evidence.exchange_text],
    ["Took", evidence.latency_ms === null ? null : `${evidence.latency_ms} ms`],
    ["At", evidence.at === null ? null : fullTime(evidence.at)],
    ["Request id", evidence.request_id],
    ["Finding", code ?? null],
  ];
  return (
    <dl className={styles.rows} data-testid="evidence">
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
  );
}
