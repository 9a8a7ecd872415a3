import { useFindings } from "@/api/findings";
import type { Client } from "@/api/types";
import { BehindNote } from "@/components/behind-note";
import { FindingRow } from "@/components/finding-row";
import { Pager } from "@/components/pager";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { Empty, Loading } from "@/components/ui/placeholder";

import { AllWell } from "./all-well";
import styles from "./findings.module.css";
import { STATES, useWish, type Wish } from "./wish";

const STATE_LABELS = { open: "Open", resolved: "Resolved" } as const;

/** All findings: those that hold, or those that are over; of one client, or of all. */
export function FindingBrowser({ clients }: { clients: readonly Client[] }) {
  const [wish, set] = useWish();
  return (
    <div className="stack">
      <div className={styles.bar} role="search">
        <div className={styles.shows} role="group" aria-label="Show">
          {STATES.map((state) => (
            <Button key={state} small look="bare" aria-pressed={wish.state === state} onClick={() => set({ state })} data-testid={`show-${state}`}>
              {STATE_LABELS[state]}
            </Button>
          ))}
        </div>
        <label>
          <span className="visually-hidden">Client</span>
          <select value={wish.clientId ?? ""} onChange={(event) => set({ clientId: event.target.value === "" ? null : event.target.value })}>
            <option value="">All clients</option>
            {clients.map((client) => (
              <option key={client.id} value={client.id}>
                {client.name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <h2 className="visually-hidden">{STATE_LABELS[wish.state]} findings</h2>
      <Listed wish={wish} onCursor={(cursor) => set({ cursor })} />
    </div>
  );
}

function Listed({ wish, onCursor }: { wish: Wish; onCursor: (cursor: string) => void }) {
  const page = useFindings(wish.state, wish.clientId, wish.cursor === "" ? null : wish.cursor);
  if (page.data === undefined) return page.isError ? <ProblemNote error={page.error} /> : <Loading what="findings" rows={5} />;
  const { findings, next } = page.data;
  return (
    <>
      {page.isError && <BehindNote error={page.error} receivedAt={page.dataUpdatedAt} />}
      {findings.length > 0 ? (
        <ul className={styles.list} data-testid="finding-list">
          {findings.map((one) => (
            <FindingRow key={one.id} recorded={one} />
          ))}
        </ul>
      ) : wish.state === "open" ? (
        <AllWell answeredAt={page.dataUpdatedAt} />
      ) : (
        <Empty title={wish.cursor === "" ? "No finding has been resolved yet" : "There are no older ones"} />
      )}
      <Pager cursor={wish.cursor} next={next} onCursor={onCursor} />
    </>
  );
}
