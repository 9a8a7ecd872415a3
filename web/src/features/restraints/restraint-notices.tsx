import { useHolds, useKills } from "@/api/restraints";
import type { Scope } from "@/api/types";
import { PartProblem } from "@/components/problem-note";

import { HoldNotice } from "./hold-notice";
import { KillNotice } from "./kill-notice";
import styles from "./notice.module.css";

/** Kills and holds that are on, of the scopes that the page is about; nothing where there are none. */
export function RestraintNotices({ about }: { about: (scope: Scope) => boolean }) {
  const kills = useKills(true);
  const holds = useHolds(true);
  const killed = kills.data?.kills.filter((one) => about(one.scope)) ?? [];
  const held = holds.data?.holds.filter((one) => one.state === "active" && about(one.scope)) ?? [];
  return (
    <>
      <PartProblem error={kills.error} />
      <PartProblem error={holds.error} />
      {(killed.length > 0 || held.length > 0) && (
        <div className={styles.notices}>
          {killed.map((one) => (
            <KillNotice key={one.id} kill={one} />
          ))}
          {held.map((one) => (
            <HoldNotice key={one.id} hold={one} />
          ))}
        </div>
      )}
    </>
  );
}
