import { useState } from "react";

import { useBalanceDebug } from "@/api/bots";
import type { BalanceDebug } from "@/api/types";
import { FindingNote } from "@/components/finding-note";
import { ProblemNote } from "@/components/problem-note";
import { ScrollArea } from "@/components/scroll-area";
import { Loading } from "@/components/ui/placeholder";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./why-panel.module.css";

/** What the server looked up and asked to say what it says: for whoever must find out without a log file. */
export function WhyPanel({ botId }: { botId: string }) {
  const [open, setOpen] = useState(false);
  const debug = useBalanceDebug(botId, open);
  return (
    <details className={styles.panel} onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="why">
      <summary>Where these numbers come from</summary>
      {debug.data !== undefined ? (
        <Found found={debug.data} />
      ) : debug.isError ? (
        <ProblemNote error={debug.error} />
      ) : (
        <Loading what="the checks" />
      )}
    </details>
  );
}

function Found({ found }: { found: BalanceDebug }) {
  const { match } = found;
  return (
    <div className={styles.found}>
      <p className={styles.diagnosis}>{found.diagnosis}</p>
      <dl className={styles.facts}>
        <dt>The bot names</dt>
        <dd>
          <code>{found.connector}</code>, looked up as <code>{found.looked_up}</code> for {found.account}
        </dd>
        <dt>Match</dt>
        <dd>{match.matched ? `yes, by ${match.rule ?? "an unnamed rule"}` : "no connector matches"}</dd>
        <dt>Keys in storage</dt>
        <dd>
          {found.connectors_in_storage.length === 0
            ? "none"
            : found.connectors_in_storage
                .map((one) => `${one.name} at ${one.exchange}${one.key_last4 === null ? ", no key" : `, ends in ${one.key_last4}`}`)
                .join("; ")}
        </dd>
        <dt>Sessions</dt>
        <dd>
          {found.sessions.length === 0 ? "none" : found.sessions.map((one) => one.host_label === null ? one.key : `${one.key} (${one.host_label})`).join("; ")}
        </dd>
      </dl>
      {match.finding !== null && <FindingNote finding={match.finding} />}
      {found.last_read_error !== null && <FindingNote finding={found.last_read_error} />}
      {found.sessions.map((session) => (
        <Calls key={session.connector_id} session={session} />
      ))}
    </div>
  );
}

function Calls({ session }: { session: BalanceDebug["sessions"][number] }) {
  const now = useNow();
  const calls = session.calls.slice(-12).reverse();
  if (calls.length === 0) return null;
  return (
    <ScrollArea label={`Last calls of ${session.key}`}>
      <h3>Last calls of {session.key}</h3>
      <table className={styles.calls}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Call</th>
            <th scope="col">Answer</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call, at) => (
            <tr key={at} className={call.finding_code === null ? undefined : styles.failed}>
              <td>{call.at === null ? "" : clockTime(call.at, now)}</td>
              <td>
                {call.call} <code>{call.endpoint ?? ""}</code>
              </td>
              <td>
                {[call.http_status === null ? "no answer" : String(call.http_status), call.exchange_code, call.exchange_text, call.finding_code]
                  .filter((part) => part !== null)
                  .join(" · ")}
              </td>
              <td>{call.latency_ms === null ? "" : `${call.latency_ms} ms`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
