import type { ReactNode } from "react";

import { useBalanceDebug } from "@/api/bots";
import type { BalanceDebug } from "@/api/types";
import { BehindNote } from "@/components/behind-note";
import { FindingNote } from "@/components/finding-note";
import { LadderView } from "@/components/ladder";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { Loading } from "@/components/ui/placeholder";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./balance-check.module.css";
import { Calls } from "./calls";
import { StoredConnectors } from "./stored-connectors";

/** What the server looked up and asked to say what it says: for whoever must find out without a log file. */
export function BalanceCheck({ botId }: { botId: string }) {
  const debug = useBalanceDebug(botId, true);
  if (debug.data === undefined) return debug.isError ? <ProblemNote error={debug.error} /> : <Loading what="the checks" rows={6} />;
  return (
    <div className={styles.found} data-testid="balance-check">
      {debug.isError && <BehindNote error={debug.error} receivedAt={debug.dataUpdatedAt} />}
      <div className={styles.head}>
        <p className={styles.diagnosis} data-testid="diagnosis">
          {debug.data.diagnosis}
        </p>
        <Button small busy={debug.isFetching} onClick={() => void debug.refetch()}>
          {debug.isFetching ? "Checking" : "Check again"}
        </Button>
      </div>
      <Found found={debug.data} />
    </div>
  );
}

function Found({ found }: { found: BalanceDebug }) {
  const told = found.ladder?.diagnosis?.code;
  return (
    <>
      <Part title="From the bot to its key">
        <dl className={styles.facts}>
          <div>
            <dt>The bot names</dt>
            <dd>
              <code>{found.connector}</code>, looked up as <code>{found.looked_up}</code> for {found.account}
            </dd>
          </div>
          <div>
            <dt>Match</dt>
            <dd data-testid="match">{found.match.matched ? `yes, by ${found.match.rule ?? "an unnamed rule"}` : "no connector matches"}</dd>
          </div>
          <Sessions sessions={found.sessions} />
        </dl>
        {found.match.finding !== null && <FindingNote finding={found.match.finding} />}
        {found.last_read_error !== null && found.last_read_error.code !== told && <FindingNote finding={found.last_read_error} />}
      </Part>
      <Part title="Keys in storage">
        <StoredConnectors connectors={found.connectors_in_storage} used={found.match.connector_id} />
      </Part>
      <Part title="From this host to the balance">
        {found.ladder === null ? <p className={styles.quiet}>No connector matches, so there is nothing to ask.</p> : <LadderView ladder={found.ladder} />}
      </Part>
      {found.sessions.map((session) => (
        <Part key={session.connector_id} title={`Last calls of ${session.key}`}>
          <Calls session={session} />
        </Part>
      ))}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Sessions({ sessions }: { sessions: BalanceDebug["sessions"] }) {
  const now = useNow();
  return (
    <div>
      <dt>Live sessions</dt>
      <dd data-testid="sessions">
        {sessions.length === 0
          ? "none"
          : sessions.map((one) => (
              <span key={one.connector_id} className={styles.line}>
                <code>{one.key}</code>
                {one.host_label !== null && ` (${one.host_label})`}
                {one.last_read === null ? ", not read yet" : `, read at ${clockTime(one.last_read.as_of, now)}`}
              </span>
            ))}
      </dd>
    </div>
  );
}
