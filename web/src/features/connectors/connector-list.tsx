import { useCheckConnector } from "@/api/clients";
import type { Connector } from "@/api/types";
import { Since } from "@/components/age";
import { FindingNote } from "@/components/finding-note";
import { Place } from "@/components/place";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./connector-list.module.css";

interface Props {
  connectors: readonly Connector[];
  onEdit: (connector: Connector) => void;
}

export function ConnectorList({ connectors, onEdit }: Props) {
  return (
    <ul className={styles.list} data-testid="connector-list">
      {connectors.map((connector) => (
        <Row key={connector.id} connector={connector} onEdit={() => onEdit(connector)} />
      ))}
    </ul>
  );
}

function Row({ connector, onEdit }: { connector: Connector; onEdit: () => void }) {
  const check = useCheckConnector(connector.client_id, connector.id);
  const ways = [
    connector.key_last4 === null ? "no key stored" : `key ends in ${connector.key_last4}`,
    connector.ipv4_only ? "IPv4 only" : null,
    connector.has_proxy ? "through a proxy" : null,
    connector.base_url,
  ].filter((one) => one !== null);
  return (
    <li className={styles.row} data-testid="connector-row" data-connector={connector.name}>
      <div>
        <h3>{connector.name}</h3>
        <p className={styles.quiet}>
          <Place exchange={connector.exchange} fallback={connector.exchange} hostLabel={connector.host_label} />
        </p>
      </div>
      <div>
        <Reading connector={connector} />
        <p className={styles.quiet}>{ways.join(", ")}</p>
      </div>
      <div className={styles.actions}>
        <Button small busy={check.isPending} onClick={() => check.mutate()} data-testid="check-connector">
          {check.isPending ? "Reading" : "Check"}
        </Button>
        <Button small onClick={onEdit} aria-label={`Edit connector ${connector.name}`} data-testid="edit-connector">
          Edit
        </Button>
      </div>
      {check.isError && <ProblemNote error={check.error} />}
      {connector.finding !== null && (
        <div className={styles.wide}>
          <FindingNote finding={connector.finding} />
        </div>
      )}
    </li>
  );
}

/** Whether the key reads: from the last read of its balances. */
function Reading({ connector }: { connector: Connector }) {
  const now = useNow();
  switch (connector.status) {
    case "ok":
      return (
        <p className={styles.good}>
          Reads{connector.as_of !== null && `, last at ${clockTime(connector.as_of, now)}`}
        </p>
      );
    case "stale":
      return (
        <p className={styles.warn}>
          Stale {connector.finding !== null && <Since time={connector.finding.since} />}
        </p>
      );
    case "unknown":
      return <p className={styles.bad}>{connector.finding === null ? "Not read yet" : "Does not read"}</p>;
  }
}
