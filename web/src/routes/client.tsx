import { useParams } from "react-router";

import { useBots } from "@/api/bots";
import { useClients, useConnectors } from "@/api/clients";
import { covers, scopeOfBot, scopeOfMarket } from "@/api/restraints";
import type { Bot, Client, Scope } from "@/api/types";
import { BehindNote } from "@/components/behind-note";
import { PageHead } from "@/components/page-head";
import { SandboxBanner } from "@/components/place";
import { PartProblem, ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { Empty, Loading } from "@/components/ui/placeholder";
import { BotCard } from "@/features/bots/bot-card";
import { Filters, useFilters } from "@/features/bots/filters";
import { arrange, inWords } from "@/features/bots/trouble";
import { ConnectorList } from "@/features/connectors/connector-list";
import { RestraintNotices } from "@/features/restraints/restraint-notices";
import { usePanel } from "@/lib/use-panel";

import { BotNotice } from "./bot-notice";
import { ClientNav } from "./client-nav";
import { clientOf } from "./client-of";
import { ClientPanels } from "./client-panels";
import { ControlButtons } from "./control-buttons";
import { ControlPanels } from "./control-panels";

/** The client's dashboard, and below it the operator's keys. */
export function ClientRoute() {
  const account = useParams().account ?? "";
  const clients = useClients();
  const client = clientOf(clients.data, account);
  const bots = useBots(account);
  const filters = useFilters();
  const panel = usePanel();
  const all = bots.data?.bots ?? [];

  if (clients.data !== undefined && client === undefined) {
    return (
      <PageHead
        title={`No client has the account ${account}`}
        line="Its address may have been mistyped. All clients are listed under Clients."
      />
    );
  }
  return (
    <>
      <PageHead
        title={client?.name ?? account}
        line={bots.data === undefined ? account : `${account}: ${all.length === 0 ? "no bots" : inWords(all)}`}
        actions={
          <>
            {client !== undefined && <ControlButtons scope={scopeOfClient(client)} panel={panel} />}
            <Button look="primary" onClick={() => panel.open("new-bot")} data-testid="new-bot">
              New bot
            </Button>
          </>
        }
      />
      <ClientNav account={client?.account ?? account} />
      {client !== undefined && <RestraintNotices about={(scope) => concerns(scope, client, all)} />}
      <SandboxBanner shown={all.some((one) => one.host_label === "sandbox")} />
      <div className="stack">
        {bots.data !== undefined && bots.isError && <BehindNote error={bots.error} receivedAt={bots.dataUpdatedAt} />}
        {all.length > 3 && <Filters bots={all} filters={filters} />}
        {bots.data === undefined ? (
          bots.isError ? <ProblemNote error={bots.error} /> : <Loading what="bots" rows={8} />
        ) : all.length === 0 ? (
          <Empty title="This client has no bots">
            <p>Add its exchange key below, then create a bot.</p>
          </Empty>
        ) : (
          arrange(all, filters.wish).map((bot) => (
            <BotCard
              key={bot.id}
              bot={bot}
              receivedAt={bots.dataUpdatedAt}
              onEdit={() => panel.open("bot-settings", bot.id)}
              actions={<ControlButtons scope={scopeOfBot(bot)} panel={panel} small />}
              notice={<BotNotice bot={bot} />}
            />
          ))
        )}
        {client !== undefined && (
          <Keys clientId={client.id} onAdd={() => panel.open("connector")} onEdit={(id) => panel.open("connector", id)} />
        )}
      </div>
      {client !== undefined && (
        <>
          <ClientPanels client={client} bots={all} panel={panel} />
          <ControlPanels scopes={scopesOf(client, all)} panel={panel} />
        </>
      )}
    </>
  );
}

function scopeOfClient(client: Client): Scope {
  return { kind: "client", id: client.id, name: client.name };
}

function scopesOf(client: Client, bots: readonly Bot[]): Scope[] {
  const markets = new Map(bots.map(scopeOfMarket).flatMap((one) => (one === null ? [] : [[one.id, one]])));
  return [scopeOfClient(client), ...markets.values(), ...bots.map(scopeOfBot)];
}

/** The client's own restraints and the platform's, with a bot or without. */
function concerns(scope: Scope, client: Client, bots: readonly Bot[]): boolean {
  return scope.kind === "platform" || (scope.kind === "client" && scope.id === client.id) || bots.some((bot) => covers(scope, bot));
}

interface KeysProps {
  clientId: string;
  onAdd: () => void;
  onEdit: (connectorId: string) => void;
}

function Keys({ clientId, onAdd, onEdit }: KeysProps) {
  const connectors = useConnectors(clientId);
  return (
    <section className="stack section" aria-labelledby="connectors">
      <div className="section-head">
        <h2 id="connectors">Connectors</h2>
        <Button small onClick={onAdd} data-testid="new-connector">
          Add connector
        </Button>
      </div>
      <PartProblem error={connectors.error} />
      {connectors.data === undefined ? (
        connectors.isError ? <p>Connectors could not be read.</p> : <Loading what="connectors" rows={2} />
      ) : connectors.data.length === 0 ? (
        <Empty title="No exchange key yet">
          <p>Bots of this client cannot read a balance or trade until a key is added.</p>
        </Empty>
      ) : (
        <ConnectorList connectors={connectors.data} onEdit={(connector) => onEdit(connector.id)} />
      )}
    </section>
  );
}
