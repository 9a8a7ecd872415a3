import { useNavigate } from "react-router";

import { useBots } from "@/api/bots";
import { useClients } from "@/api/clients";
import { BehindNote } from "@/components/behind-note";
import { PageHead } from "@/components/page-head";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { Empty, Loading } from "@/components/ui/placeholder";
import { SidePanel } from "@/components/ui/side-panel";
import { inWords } from "@/features/bots/trouble";
import { ClientForm } from "@/features/clients/client-form";
import { ClientList } from "@/features/clients/client-list";
import { usePanel } from "@/lib/use-panel";

export function ClientsRoute() {
  const clients = useClients();
  const bots = useBots(null);
  const panel = usePanel();
  const navigate = useNavigate();
  const all = bots.data?.bots ?? [];
  const doing = new Map(
    [...new Set(all.map((bot) => bot.account))].map((account) => [
      account,
      inWords(all.filter((bot) => bot.account === account)),
    ]),
  );
  return (
    <>
      <PageHead
        title="Clients"
        actions={
          <Button look="primary" onClick={() => panel.open("new-client")} data-testid="new-client">
            New client
          </Button>
        }
      />
      {clients.data === undefined ? (
        clients.isError ? <ProblemNote error={clients.error} /> : <Loading what="clients" rows={5} />
      ) : (
        <div className="stack">
          {clients.isError && <BehindNote error={clients.error} receivedAt={clients.dataUpdatedAt} />}
          {clients.data.length === 0 ? (
            <Empty title="No clients yet">
              <p>A client is who the bots trade for. Its keys and bots hang on it.</p>
            </Empty>
          ) : (
            <ClientList clients={clients.data} doing={doing} />
          )}
        </div>
      )}
      {panel.name === "new-client" && (
        <SidePanel title="New client" onClose={panel.close}>
          <ClientForm onDone={(client) => void navigate(`/clients/${encodeURIComponent(client.account)}`)} />
        </SidePanel>
      )}
    </>
  );
}
