import { Link } from "react-router";

import type { Client } from "@/api/types";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./client-list.module.css";

interface Props {
  clients: readonly Client[];
  /** account -> what its bots do, in words; absent: not known yet. */
  doing: ReadonlyMap<string, string>;
}

export function ClientList({ clients, doing }: Props) {
  const now = useNow();
  return (
    <ul className={styles.list} data-testid="client-list">
      {clients.map((client) => (
        <li key={client.id} className={styles.row} data-testid="client-row" data-account={client.account}>
          <h2>
            <Link to={`/clients/${encodeURIComponent(client.account)}`}>{client.name}</Link>
          </h2>
          <p className={styles.quiet}>{client.account}</p>
          <p>{doing.get(client.account) ?? "No bots"}</p>
          <p className={styles.quiet}>
            Client since <time dateTime={client.created_at}>{clockTime(client.created_at, now)}</time>
          </p>
        </li>
      ))}
    </ul>
  );
}
