import { useAnswerForStrangers } from "@/api/clients";
import type { Connector } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import { FindingNote } from "@/components/finding-note";
import { ProblemNote } from "@/components/problem-note";

import styles from "./connector-list.module.css";

/** Orders and trades on the account that are not ours: new orders wait until a person says that they are known. */
export function Strangers({ connector }: { connector: Connector }) {
  const answer = useAnswerForStrangers(connector.client_id, connector.id);
  return (
    <div className={styles.strangers} data-testid="strangers">
      {connector.strangers
        .filter((one) => one.code !== connector.finding?.code)
        .map((one) => (
          <FindingNote key={one.code} finding={one} />
        ))}
      {answer.isError && <ProblemNote error={answer.error} />}
      <p className={styles.quiet}>
        New orders of this account wait until a person answers for this. If nobody you know did it, delete the key at the
        exchange first.
      </p>
      <div>
        <ConfirmButton
          label="These are known"
          confirm={`Known: let new orders on ${connector.name} go on`}
          busy={answer.isPending}
          onConfirm={() => answer.mutate()}
        />
      </div>
    </div>
  );
}
