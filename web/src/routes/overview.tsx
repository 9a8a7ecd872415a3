import { useBots } from "@/api/bots";
import { PLATFORM } from "@/api/restraints";
import { BehindNote } from "@/components/behind-note";
import { PageHead } from "@/components/page-head";
import { SandboxBanner } from "@/components/place";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { Empty, Loading } from "@/components/ui/placeholder";
import { SidePanel } from "@/components/ui/side-panel";
import { BotForm } from "@/features/bots/bot-form";
import { BotTable } from "@/features/bots/bot-table";
import { Filters, useFilters } from "@/features/bots/filters";
import { arrange, inWords } from "@/features/bots/trouble";
import { Attention } from "@/features/findings/attention";
import { RestraintNotices } from "@/features/restraints/restraint-notices";
import { usePanel } from "@/lib/use-panel";

import { ControlButtons } from "./control-buttons";
import { ControlPanels } from "./control-panels";

/** The operator's page: every bot, the ones in trouble first. */
export function OverviewRoute() {
  const bots = useBots(null);
  const filters = useFilters();
  const panel = usePanel();
  const all = bots.data?.bots ?? [];
  const shown = arrange(all, filters.wish);
  return (
    <>
      <PageHead
        title="Bots"
        line={bots.data === undefined ? undefined : all.length === 0 ? "None yet" : inWords(all)}
        actions={
          <>
            <ControlButtons scope={PLATFORM} panel={panel} />
            <Button look="primary" onClick={() => panel.open("new-bot")} data-testid="new-bot">
              New bot
            </Button>
          </>
        }
      />
      <RestraintNotices about={() => true} />
      <SandboxBanner shown={all.some((one) => one.host_label === "sandbox")} />
      <Attention />
      {bots.data === undefined ? (
        bots.isError ? <ProblemNote error={bots.error} /> : <Loading what="bots" rows={6} />
      ) : (
        <div className="stack section">
          {bots.isError && <BehindNote error={bots.error} receivedAt={bots.dataUpdatedAt} />}
          {all.length === 0 ? (
            <Empty title="No bots yet">
              <p>Create a client, add its exchange key, then create a bot that trades with it.</p>
            </Empty>
          ) : (
            <div>
              <Filters bots={all} filters={filters} accounts={[...new Set(all.map((bot) => bot.account))].sort()} />
              {shown.length === 0 ? (
                <Empty title="No bot fits these filters" />
              ) : (
                <BotTable bots={shown} receivedAt={bots.dataUpdatedAt} />
              )}
            </div>
          )}
          {bots.data.cut && <p>There are more bots than one page holds: open a client to see all of its own.</p>}
        </div>
      )}
      {panel.name === "new-bot" && (
        <SidePanel title="New bot" onClose={panel.close}>
          <BotForm account={null} onDone={panel.close} />
        </SidePanel>
      )}
      <ControlPanels scopes={[PLATFORM]} panel={panel} />
    </>
  );
}
