import { NavLink } from "react-router";

import styles from "./client-nav.module.css";

/** The pages of one client. */
export function ClientNav({ account }: { account: string }) {
  const base = `/clients/${encodeURIComponent(account)}`;
  return (
    <nav className={styles.nav} aria-label="Pages of this client">
      <NavLink to={base} end>
        Bots and keys
      </NavLink>
      <NavLink to={`${base}/funds`}>Funds</NavLink>
      <NavLink to={`${base}/limits`}>Limits</NavLink>
    </nav>
  );
}
