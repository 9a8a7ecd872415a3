import type { ReactNode } from "react";

import styles from "./page-head.module.css";

interface Props {
  title: string;
  /** One line below the title. */
  line?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, line, actions }: Props) {
  return (
    <header className={styles.head}>
      <div>
        <title>{`${title} · trading-bridge`}</title>
        <h1>{title}</h1>
        {line !== undefined && <div className={styles.line}>{line}</div>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
