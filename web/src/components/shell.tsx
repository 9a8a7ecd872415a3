import { Link, NavLink, Outlet } from "react-router";

import { useSignOut } from "@/api/auth";
import type { Me } from "@/api/types";

import { FindingCount } from "./finding-count";
import { LiveSign } from "./live-sign";
import { Mark } from "./mark";
import styles from "./shell.module.css";
import { ThemeChoice } from "./theme-choice";
import { Button } from "./ui/button";

/** What stands around every page of somebody signed in. */
export function Shell({ me }: { me: Me }) {
  const signOut = useSignOut();
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        Skip to content
      </a>
      <header className={styles.bar}>
        <Link to="/" className={styles.brand}>
          <Mark /> trading-bridge
        </Link>
        <nav className={styles.nav} aria-label="Pages">
          <NavLink to="/" end>
            Bots
          </NavLink>
          <NavLink to="/clients">Clients</NavLink>
          <NavLink to="/exchanges">Exchanges</NavLink>
          <NavLink to="/findings" data-testid="nav-findings">
            Findings
            <FindingCount />
          </NavLink>
          <NavLink to="/controls">Controls</NavLink>
        </nav>
        <LiveSign />
        <div className={styles.who}>
          <ThemeChoice />
          <span className={styles.email} title={me.email}>
            {me.email}
          </span>
          <Button small look="bare" onClick={() => signOut.mutate()} busy={signOut.isPending} data-testid="sign-out">
            Sign out
          </Button>
        </div>
      </header>
      <main id="content" className={styles.main}>
        <Outlet />
      </main>
      <footer className={styles.foot}>
        <p>
          Charts by{" "}
          <a href="https://www.tradingview.com/" rel="noreferrer">
            TradingView
          </a>{" "}
          Lightweight Charts™. Copyright © 2025 TradingView, Inc.
        </p>
        <p>Times are those of this device; “today” is the UTC day.</p>
      </footer>
    </div>
  );
}
