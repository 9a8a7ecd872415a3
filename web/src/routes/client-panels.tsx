import { useConnectors } from "@/api/clients";
import type { Bot, Client } from "@/api/types";
import { SidePanel } from "@/components/ui/side-panel";
import { BotForm } from "@/features/bots/bot-form";
import { BotSettings } from "@/features/bots/bot-settings";
import { ConnectorForm } from "@/features/connectors/connector-form";
import type { Panel } from "@/lib/use-panel";

interface Props {
  client: Client;
  bots: readonly Bot[];
  panel: Panel;
}

/** The form that the address names. */
export function ClientPanels({ client, bots, panel }: Props) {
  const connectors = useConnectors(client.id);
  switch (panel.name) {
    case "new-bot":
      return (
        <SidePanel title={`New bot for ${client.name}`} onClose={panel.close}>
          <BotForm account={client.account} onDone={panel.close} />
        </SidePanel>
      );
    case "bot-settings": {
      const bot = bots.find((one) => one.id === panel.subject);
      return bot === undefined ? null : (
        <SidePanel title={`Settings of ${bot.name}`} onClose={panel.close}>
          <BotSettings bot={bot} onDone={panel.close} onDeleted={panel.close} />
        </SidePanel>
      );
    }
    case "connector": {
      const connector = connectors.data?.find((one) => one.id === panel.subject);
      if (panel.subject !== null && connector === undefined) return null;
      return (
        <SidePanel title={connector === undefined ? "Add connector" : `Connector ${connector.name}`} onClose={panel.close}>
          <ConnectorForm clientId={client.id} connector={connector ?? null} onDone={panel.close} />
        </SidePanel>
      );
    }
    default:
      return null;
  }
}
