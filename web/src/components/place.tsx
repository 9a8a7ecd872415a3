import { useExchanges } from "@/api/clients";

import styles from "./place.module.css";
import { Badge } from "./ui/badge";

/** Where a bot or key trades: the exchange by its name, and a mark where it is another host than the exchange's own. */
export function Place({ exchange, fallback, hostLabel }: { exchange: string | null; fallback: string; hostLabel: string | null }) {
  const known = useExchanges().data?.find((one) => one.id === exchange);
  return (
    <span className={styles.place}>
      {known?.label ?? exchange ?? fallback}
      {hostLabel !== null && (
        <Badge
          title={
            hostLabel === "sandbox"
              ? "trading-bridge's own practice exchange: no real money"
              : "This key talks to another host than the exchange's own"
          }
        >
          {hostLabel}
        </Badge>
      )}
    </span>
  );
}

/** One line per kind of market that is not real, for pages that show them. */
export function SandboxBanner({ notes }: { notes: readonly string[] }) {
  return (
    <div className={styles.banner} data-testid="sandbox-banner">
      <strong>Sandbox: no real money.</strong>
      {notes.length === 0 ? (
        <span>Prices of this market are synthetic or recorded.</span>
      ) : (
        notes.map((note) => <span key={note}>{note}</span>)
      )}
    </div>
  );
}
