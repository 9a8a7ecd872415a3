import type { ReactNode } from "react";

import styles from "./badge.module.css";

/** A short mark beside a name, such as `sandbox`. */
export function Badge({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span className={styles.badge} title={title}>
      {children}
    </span>
  );
}
