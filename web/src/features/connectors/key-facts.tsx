import type { Connector } from "@/api/types";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./connector-list.module.css";

/** What is known of a stored key, never the key. */
export function KeyFacts({ connector }: { connector: Connector }) {
  const now = useNow();
  const { key_last4: last4, key_label: label, key_set_at: setAt, key_set_by: setBy, key_last_success_at: accepted } = connector;
  const way = [connector.ipv4_only ? "IPv4 only" : null, connector.has_proxy ? "through a proxy" : null, connector.base_url, waits(connector.timeout_s)].filter(
    (one) => one !== null,
  );
  if (last4 === null) return <p className={styles.quiet}>No key is stored{way.length > 0 && `; ${way.join(", ")}`}</p>;
  return (
    <dl className={styles.key} data-testid="key-facts">
      <div>
        <dt>Key</dt>
        <dd>
          {label !== null && <span data-testid="key-label">{label}, </span>}ends in <code>{last4}</code>
        </dd>
      </div>
      <div>
        <dt>Set</dt>
        <dd>
          {setAt === null ? "at an unknown time" : <time dateTime={setAt}>{clockTime(setAt, now)}</time>}
          {setBy !== null && ` by ${setBy}`}
        </dd>
      </div>
      <div>
        <dt>Last accepted</dt>
        <dd>{accepted === null ? "never yet" : <time dateTime={accepted}>{clockTime(accepted, now)}</time>}</dd>
      </div>
      <div>
        <dt>By hand</dt>
        <dd data-testid="manual-trading">{connector.manual_trading === "expected" ? "people trade here" : "nobody trades here"}</dd>
      </div>
      {way.length > 0 && (
        <div>
          <dt>Way</dt>
          <dd>{way.join(", ")}</dd>
        </div>
      )}
    </dl>
  );
}

function waits(seconds: number | null): string | null {
  return seconds === null ? null : `answers waited for ${seconds} s`;
}
