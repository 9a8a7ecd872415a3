import type { ReactNode } from "react";

import { asProblem } from "@/api/http";

import styles from "./finding-note.module.css";

/** A refusal or failure of our own server, with what to do. */
export function ProblemNote({ error, action }: { error: unknown; action?: ReactNode }) {
  const problem = asProblem(error);
  return (
    <div className={`${styles.note ?? ""} ${styles.critical ?? ""}`} role="alert" data-testid="problem" data-code={problem.code}>
      <p className={styles.title}>
        <strong>{problem.title}</strong>
      </p>
      {problem.detail !== problem.title && <p>{problem.detail}</p>}
      {problem.remedy !== null && (
        <p>
          <span className={styles.label}>What fixes it</span> {problem.remedy}
        </p>
      )}
      {action}
    </div>
  );
}
