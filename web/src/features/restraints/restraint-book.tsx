import type { ReactNode } from "react";

import { useHolds, useKills } from "@/api/restraints";
import { PartProblem } from "@/components/problem-note";
import { Loading } from "@/components/ui/placeholder";

import { HoldList } from "./hold-list";
import { KillList } from "./kill-list";
import styles from "./restraint-book.module.css";

/** Holds that are planned, the next first; those that are on stand above the page. */
export function HoldCalendar() {
  const holds = useHolds(true);
  const rows = (holds.data?.holds ?? []).filter((one) => one.state === "planned").sort((a, b) => a.starts_at.localeCompare(b.starts_at));
  return (
    <Listed what="Planned holds" none="No hold is planned." list={holds} empty={rows.length === 0}>
      <HoldList holds={rows} />
    </Listed>
  );
}

export function PastHolds() {
  const holds = useHolds(false);
  return (
    <Listed what="Earlier holds" none="No hold has ended yet." list={holds} empty={holds.data?.holds.length === 0}>
      <HoldList holds={holds.data?.holds ?? []} />
    </Listed>
  );
}

export function PastKills() {
  const kills = useKills(false);
  return (
    <Listed what="Earlier kills" none="The kill switch has not been used and re-armed yet." list={kills} empty={kills.data?.kills.length === 0}>
      <KillList kills={kills.data?.kills ?? []} />
    </Listed>
  );
}

interface ListedProps {
  what: string;
  none: string;
  list: { data: unknown; error: unknown };
  empty: boolean;
  children: ReactNode;
}

function Listed({ what, none, list, empty, children }: ListedProps) {
  return (
    <>
      <PartProblem error={list.error} />
      {list.data === undefined ? (
        list.error === null ? <Loading what={what} rows={2} /> : <p>{what} could not be read.</p>
      ) : empty ? (
        <p className={styles.none}>{none}</p>
      ) : (
        children
      )}
    </>
  );
}
