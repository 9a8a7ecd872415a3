import type { ReactNode } from "react";

import { useBots } from "@/api/bots";
import { useClients } from "@/api/clients";
import { PLATFORM, scopeOfBot, scopeOfMarket } from "@/api/restraints";
import type { Bot, Client, Scope } from "@/api/types";
import { PageHead } from "@/components/page-head";
import { LeftBehind } from "@/features/health/left-behind";
import { LimitsPanel } from "@/features/limits/limits-panel";
import { HoldCalendar, PastHolds, PastKills } from "@/features/restraints/restraint-book";
import { RestraintNotices } from "@/features/restraints/restraint-notices";
import { usePanel } from "@/lib/use-panel";

import { ControlButtons } from "./control-buttons";
import { ControlPanels } from "./control-panels";
import styles from "./sheet.module.css";

/** The platform's kill switch and the calendar of holds. */
export function ControlsRoute() {
  const panel = usePanel();
  const clients = useClients();
  const bots = useBots(null);
  return (
    <>
      <PageHead
        title="Controls"
        line="What stops bots: the kill switch, holds and the platform's limits."
        actions={<ControlButtons scope={PLATFORM} panel={panel} />}
      />
      <RestraintNotices about={() => true} />
      <Part id="holds" title="Planned holds">
        <HoldCalendar />
      </Part>
      <Part id="limits" title="Limits of the platform">
        <div className={styles.sheet}>
          <LimitsPanel scope={PLATFORM} quote={null} />
        </div>
      </Part>
      <Part id="left-behind" title="If this server dies now">
        <LeftBehind />
      </Part>
      <Part id="past-holds" title="Earlier holds">
        <PastHolds />
      </Part>
      <Part id="past-kills" title="Earlier kills">
        <PastKills />
      </Part>
      <ControlPanels scopes={everything(clients.data ?? [], bots.data?.bots ?? [])} panel={panel} />
    </>
  );
}

function Part({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className="stack section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function everything(clients: readonly Client[], bots: readonly Bot[]): Scope[] {
  const markets = new Map(bots.map(scopeOfMarket).flatMap((one) => (one === null ? [] : [[one.id, one]])));
  return [
    PLATFORM,
    ...clients.map((one): Scope => ({ kind: "client", id: one.id, name: one.name })),
    ...markets.values(),
    ...bots.map(scopeOfBot),
  ];
}
