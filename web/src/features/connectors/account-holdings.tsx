import { useConnectorBalances } from "@/api/clients";
import { accountReading, aged } from "@/api/reading";
import type { Connector } from "@/api/types";
import { Age } from "@/components/age";
import { Unmeasured } from "@/components/amount";
import { FindingNote } from "@/components/finding-note";
import { Holdings } from "@/components/holdings";
import { ProblemNote } from "@/components/problem-note";
import { useNow } from "@/lib/use-now";

import styles from "./connector-list.module.css";

/** What lies in the account of a connector, whether a bot uses it or not. */
export function AccountHoldings({ connector }: { connector: Connector }) {
  const asked = useConnectorBalances(connector.client_id, connector.id);
  const now = useNow();
  if (asked.data === undefined) return asked.isError ? <ProblemNote error={asked.error} /> : null;
  const reading = aged(accountReading(asked.data), asked.dataUpdatedAt, now);
  const { finding } = reading;
  return (
    <div className={styles.account} data-testid="account-holdings" data-reading={reading.kind}>
      <h4>In the account there</h4>
      {reading.kind === "unknown" ? (
        <p>
          <Unmeasured />
        </p>
      ) : (
        <Lying name={connector.name} reading={reading} receivedAt={asked.dataUpdatedAt} />
      )}
      {finding !== null && finding.code !== connector.finding?.code && <FindingNote finding={finding} />}
    </div>
  );
}

interface LyingProps {
  name: string;
  reading: Exclude<ReturnType<typeof accountReading>, { kind: "unknown" }>;
  receivedAt: number;
}

function Lying({ name, reading, receivedAt }: LyingProps) {
  const { available, asOf, ageSeconds } = reading.holdings;
  const currencies = Object.keys(available).sort();
  return (
    <>
      {currencies.length === 0 ? <p>The exchange lists nothing.</p> : <Holdings of={name} currencies={currencies} reading={reading} small />}
      <Age asOf={asOf} ageSeconds={ageSeconds} receivedAt={receivedAt} />
    </>
  );
}
