import type { Severity } from "@/api/types";
import { classNames } from "@/lib/class-names";

import { SEVERITIES } from "./finding-words";
import styles from "./severity-sign.module.css";

/** Of a finding that is over: no cry for attention any more. */
export function ResolvedSign() {
  return (
    <span className={classNames(styles.severity, styles.resolved)}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d="M1 6.500 4.500 10 11 2.500" fill="none" stroke="currentColor" strokeWidth="1.800" />
      </svg>
      Resolved
    </span>
  );
}

/** How bad, by shape, colour and word. */
export function SeveritySign({ severity }: { severity: Severity }) {
  return (
    <span className={classNames(styles.severity, styles[severity])}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {severity === "critical" && <path d="M6 .5 11.500 11H.5z" fill="currentColor" />}
        {severity === "warning" && <path d="M6 2 10.500 10.250H1.500z" fill="none" stroke="currentColor" strokeWidth="1.500" />}
        {severity === "info" && <circle cx="6" cy="6" r="4.500" fill="none" stroke="currentColor" strokeWidth="1.500" />}
      </svg>
      {SEVERITIES[severity]}
    </span>
  );
}
