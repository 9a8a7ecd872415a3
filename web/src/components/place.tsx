import { useExchanges } from "@/api/clients";
import type { ExchangeLife } from "@/api/types";

import styles from "./place.module.css";
import { Badge } from "./ui/badge";

/** Where a bot or key trades: the exchange by its name, and a mark where it is another host than the exchange's own. */
export function Place({ exchange, fallback, hostLabel }: { exchange: string | null; fallback: string; hostLabel: string | null }) {
  const known = useExchanges().data?.find((one) => one.id === exchange);
  return (
    <span className={styles.place}>
      {known?.label ?? exchange ?? fallback}
      {known !== undefined && known.life.state !== "active" && <Badge title={lifeOf(known.life)}>{known.life.state}</Badge>}
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

function lifeOf({ state, withdraw_by }: ExchangeLife): string {
  if (state === "closed") return "This exchange has closed.";
  return withdraw_by === null ? "This exchange is closing." : `This exchange is closing: the last day to withdraw is ${withdraw_by}.`;
}

/** Above every page that shows a market of the sandbox. What each market is, the bot's own note says. */
export function SandboxBanner({ shown }: { shown: boolean }) {
  if (!shown) return null;
  return (
    <p className={styles.banner} data-testid="sandbox-banner">
      <strong>Sandbox: no real money.</strong> Prices of its markets are synthetic or recorded.
    </p>
  );
}
