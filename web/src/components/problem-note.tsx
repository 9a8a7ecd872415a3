import type { ReactNode } from "react";

import { asProblem, OFFLINE } from "@/api/http";
import { sentence } from "@/lib/text";

import styles from "./finding-note.module.css";

/** A refusal or failure of our own server, with what to do. */
export function ProblemNote({ error, action }: { error: unknown; action?: ReactNode }) {
  const problem = asProblem(error);
  return (
    <div className={`${styles.note ?? ""} ${styles.critical ?? ""}`} role="alert" data-testid="problem" data-code={problem.code}>
      <p className={styles.title}>
        <strong>{sentence(problem.title)}</strong>
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

/** Beside data of a part of a page that could not be renewed. That the server is gone, the page says once, above. */
export function PartProblem({ error }: { error: unknown }) {
  if (error === null || error === undefined || asProblem(error).code === OFFLINE) return null;
  return <ProblemNote error={error} />;
}
