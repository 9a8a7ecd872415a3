import type { BalanceDebug } from "@/api/types";
import { ScrollArea } from "@/components/scroll-area";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./rows.module.css";

type Stored = BalanceDebug["connectors_in_storage"][number];

const KEY_STATES: Record<Stored["key_state"], string> = {
  present: "there, can be decrypted",
  missing: "no key",
  undecryptable: "there, cannot be decrypted",
};

/** The client's keys as they are stored, never the keys. */
export function StoredConnectors({ connectors, used }: { connectors: readonly Stored[]; used: string | null }) {
  const now = useNow();
  if (connectors.length === 0) return <p>The client has no connector.</p>;
  return (
    <ScrollArea label="Keys in storage">
      <table className={styles.rows} data-testid="stored-connectors">
        <thead>
          <tr>
            <th scope="col">Connector</th>
            <th scope="col">Key</th>
            <th scope="col">Ends in</th>
            <th scope="col">Set</th>
            <th scope="col">Last accepted</th>
            <th scope="col">Way</th>
          </tr>
        </thead>
        <tbody>
          {connectors.map((one) => (
            <tr key={one.id} className={one.id === used ? styles.live : undefined}>
              <td>
                {one.name}
                {one.name !== one.exchange && <small> at {one.exchange}</small>}
                {one.id === used && <small>, this bot's</small>}
              </td>
              <td className={one.key_state === "present" ? undefined : styles.sell}>{KEY_STATES[one.key_state]}</td>
              <td>
                {one.key_last4 === null ? "no key" : <code>{one.key_last4}</code>}
                {one.key_label !== null && <small> {one.key_label}</small>}
              </td>
              <td>
                {one.key_set_at === null ? "not known" : clockTime(one.key_set_at, now)}
                {one.key_set_by !== null && <small> by {one.key_set_by}</small>}
              </td>
              <td>{one.key_last_success_at === null ? "never yet" : clockTime(one.key_last_success_at, now)}</td>
              <td>{way(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function way({ ipv4_only: ipv4Only, has_proxy: proxy, timeout_s: timeout }: Stored): string {
  const parts = [ipv4Only ? "IPv4 only" : null, proxy ? "proxy" : null, timeout === null ? null : `${timeout} s`].filter((one) => one !== null);
  return parts.length === 0 ? "direct" : parts.join(", ");
}
