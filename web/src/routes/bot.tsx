import { Link, useNavigate, useParams } from "react-router";

import { useBot } from "@/api/bots";
import { Problem } from "@/api/http";
import { covers, scopeOfBot, scopeOfMarket } from "@/api/restraints";
import type { Bot, Scope } from "@/api/types";
import { BehindNote } from "@/components/behind-note";
import { SandboxBanner } from "@/components/place";
import { ProblemNote } from "@/components/problem-note";
import { Loading } from "@/components/ui/placeholder";
import { SidePanel } from "@/components/ui/side-panel";
import { BotCard } from "@/features/bots/bot-card";
import { BotSettings } from "@/features/bots/bot-settings";
import { HistoryTabs } from "@/features/bots/history-tabs";
import { WhyPanel } from "@/features/bots/why-panel";
import { LimitsPanel } from "@/features/limits/limits-panel";
import { RestraintNotices } from "@/features/restraints/restraint-notices";
import { usePanel } from "@/lib/use-panel";

import { BotNotice } from "./bot-notice";
import { ControlButtons } from "./control-buttons";
import { ControlPanels } from "./control-panels";

/** One bot: what it does and why, its whole history, and where its numbers come from. */
export function BotRoute() {
  const id = useParams().id ?? "";
  const query = useBot(id);
  const panel = usePanel();
  const navigate = useNavigate();
  const bot = query.data;
  const gone = query.error instanceof Problem && query.error.status === 404;
  if (bot === undefined || gone) {
    return query.isError ? <ProblemNote error={query.error} /> : <Loading what="the bot" rows={8} />;
  }
  const clientPage = `/clients/${encodeURIComponent(bot.account)}`;
  return (
    <>
      <nav aria-label="Where this is" className="crumbs">
        <Link to="/clients">Clients</Link> / <Link to={clientPage}>{bot.account}</Link> / {bot.name}
      </nav>
      <title>{`${bot.name} · trading-bridge`}</title>
      <h1 className="visually-hidden">{bot.name}</h1>
      <RestraintNotices about={(scope) => covers(scope, bot)} />
      <SandboxBanner shown={bot.host_label === "sandbox"} />
      <div className="stack">
        {query.isError && <BehindNote error={query.error} receivedAt={query.dataUpdatedAt} />}
        <BotCard
          bot={bot}
          receivedAt={query.dataUpdatedAt}
          full
          onEdit={() => panel.open("bot-settings", bot.id)}
          actions={<ControlButtons scope={scopeOfBot(bot)} panel={panel} small />}
          notice={<BotNotice bot={bot} />}
        />
        <WhyPanel bot={bot} />
        <HistoryTabs bot={bot} limits={<LimitsPanel scope={scopeOfBot(bot)} quote={bot.pair.split("/")[1] ?? null} />} />
      </div>
      {panel.name === "bot-settings" && (
        <SidePanel title={`Settings of ${bot.name}`} onClose={panel.close}>
          <BotSettings bot={bot} onDone={panel.close} onDeleted={() => void navigate(clientPage)} />
        </SidePanel>
      )}
      <ControlPanels scopes={scopesOf(bot)} panel={panel} />
    </>
  );
}

/** What may be held from here: the bot, or the market with all that trade on it. */
function scopesOf(bot: Bot): Scope[] {
  const market = scopeOfMarket(bot);
  return [scopeOfBot(bot), ...(market === null ? [] : [market])];
}
