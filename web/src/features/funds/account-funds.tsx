import { useTransfers } from "@/api/transfers";
import type { Connector } from "@/api/types";
import { BehindNote } from "@/components/behind-note";
import { Pager } from "@/components/pager";
import { Place } from "@/components/place";
import { ProblemNote } from "@/components/problem-note";
import { Empty, Loading } from "@/components/ui/placeholder";
import { useUrlText } from "@/lib/use-url-state";

import type { ExchangeAccount } from "./exchange-accounts";
import { TransferList } from "./transfer-list";
import styles from "./transfers.module.css";

/** What came to one exchange account and left it: what nobody has labelled first. */
export function AccountFunds({ account }: { account: ExchangeAccount }) {
  const { first, names } = account;
  return (
    <section className="stack section" aria-label={`Funds of ${names}`} data-testid="account-funds" data-connector={first.name}>
      <div className="section-head">
        <h2>{names}</h2>
        <span className={styles.quiet}>
          <Place exchange={first.exchange} fallback={first.exchange} hostLabel={first.host_label} />
        </span>
      </div>
      <Unlabelled connector={first} />
      <All connector={first} />
    </section>
  );
}

function Unlabelled({ connector }: { connector: Connector }) {
  const page = useTransfers({ connectorId: connector.id, unlabelled: true, cursor: null });
  const waiting = page.data?.transfers ?? [];
  if (waiting.length === 0) return null;
  return (
    <>
      <h3>Needs a label</h3>
      <TransferList transfers={waiting} />
      {page.data?.next !== null && <p className={styles.quiet}>There are more; they follow once these are labelled.</p>}
    </>
  );
}

function All({ connector }: { connector: Connector }) {
  const [cursor, setCursor] = useUrlText(`funds-${connector.name}`);
  const page = useTransfers({ connectorId: connector.id, unlabelled: false, cursor: cursor === "" ? null : cursor });
  if (page.data === undefined) return page.isError ? <ProblemNote error={page.error} /> : <Loading what="transfers" rows={3} />;
  const labelled = page.data.transfers.filter((one) => one.label !== null);
  return (
    <>
      {page.isError && <BehindNote error={page.error} receivedAt={page.dataUpdatedAt} />}
      {labelled.length > 0 ? (
        <>
          <h3>Labelled</h3>
          <TransferList transfers={labelled} />
        </>
      ) : (
        page.data.transfers.length === 0 && (
          <Empty title={cursor === "" ? "Nothing came or left yet, other than by trading" : "There are no older ones"} />
        )
      )}
      <Pager cursor={cursor} next={page.data.next} onCursor={setCursor} />
    </>
  );
}
