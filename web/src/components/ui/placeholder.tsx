import type { ReactNode } from "react";

import styles from "./placeholder.module.css";

/** The first load: lines where content will be, and a word for those who do not see them. */
export function Loading({ what, rows = 3 }: { what: string; rows?: number }) {
  return (
    <div className={styles.loading} role="status" data-testid="loading">
      <span className="visually-hidden">Loading {what}</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={styles.bar} aria-hidden="true" />
      ))}
    </div>
  );
}

/** Nothing there, which is an answer: says so and offers the next step. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty} data-testid="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
