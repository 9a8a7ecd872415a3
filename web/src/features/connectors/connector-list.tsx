import { useState } from "react";

import { useCheckConnector, useLastCheck } from "@/api/clients";
import { useRecorded } from "@/api/findings";
import type { Connector, Ladder } from "@/api/types";
import { Since } from "@/components/age";
import { FindingNote } from "@/components/finding-note";
import { CheckLine, LadderView } from "@/components/ladder";
import { Place } from "@/components/place";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { AccountHoldings } from "./account-holdings";
import styles from "./connector-list.module.css";
import { KeyFacts } from "./key-facts";
import { Strangers } from "./strangers";

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
  const found = useLastCheck(connector.id);
  const finding = useRecorded(connector.finding, connector.id);
  return (
    <li className={styles.row} data-testid="connector-row" data-connector={connector.name}>
      <div>
        <h3>{connector.name}</h3>
        <p className={styles.quiet}>
          <Place exchange={connector.exchange} fallback={connector.exchange} hostLabel={connector.host_label} />
        </p>
      </div>
      <div className={styles.about}>
        <Reading connector={connector} />
        <KeyFacts connector={connector} />
      </div>
      <div className={styles.actions}>
        <Button small busy={check.isPending} onClick={() => check.mutate()} aria-label={`Check connector ${connector.name}`} data-testid="check-connector">
          {check.isPending ? "Checking" : "Check"}
        </Button>
        <Button small onClick={onEdit} aria-label={`Edit connector ${connector.name}`} data-testid="edit-connector">
          Edit
        </Button>
      </div>
      {check.isError && (
        <div className={styles.wide}>
          <ProblemNote error={check.error} />
        </div>
      )}
      {finding !== null && (
        <div className={styles.wide}>
          <FindingNote finding={finding} />
        </div>
      )}
      {connector.ends !== null && (
        <div className={styles.wide}>
          <AccountHoldings connector={connector} />
          <FindingNote finding={connector.ends} />
        </div>
      )}
      {connector.strangers.length > 0 && (
        <div className={styles.wide}>
          <Strangers connector={connector} />
        </div>
      )}
      {found !== undefined && (
        <div className={styles.wide}>
          <Checked key={found.started_at} ladder={found} told={finding?.code} />
        </div>
      )}
    </li>
  );
}

/** One line when all is well; every step when not, or when asked for. */
function Checked({ ladder, told }: { ladder: Ladder; told: string | undefined }) {
  const [open, setOpen] = useState(!ladder.passed);
  return (
    <div className={styles.checked} data-testid="connector-check" data-passed={ladder.passed}>
      <div className={styles.checkHead}>
        <CheckLine ladder={ladder} />
        <Button small look="bare" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide the steps" : "Show the steps"}
        </Button>
      </div>
      {open && <LadderView ladder={ladder} told={told} withoutLine />}
    </div>
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
