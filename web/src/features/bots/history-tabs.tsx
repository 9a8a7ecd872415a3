import type { Bot } from "@/api/types";
import { Tabs } from "@/components/ui/tabs";
import { useUrlState } from "@/lib/use-url-state";

import { BalanceCheck } from "./balance-check";
import { DecisionHistory, FindingHistory, OrderHistory, TradeHistory } from "./history";

const TABS = [
  { id: "trades", label: "Trades" },
  { id: "orders", label: "Orders" },
  { id: "decisions", label: "Decisions" },
  { id: "findings", label: "Findings" },
  { id: "balance", label: "Balance" },
] as const;

type TabId = (typeof TABS)[number]["id"];

const IDS: readonly TabId[] = TABS.map((tab) => tab.id);

/** What a bot did and decided, what was wrong, and where its numbers come from; the open one is part of the address. */
export function HistoryTabs({ bot }: { bot: Bot }) {
  const [chosen, choose] = useUrlState<TabId>("tab", IDS, "trades");
  return (
    <Tabs label={`History of ${bot.name}`} tabs={TABS} chosen={chosen} onChoose={choose}>
      <Chosen tab={chosen} bot={bot} />
    </Tabs>
  );
}

function Chosen({ tab, bot }: { tab: TabId; bot: Bot }) {
  switch (tab) {
    case "trades":
      return <TradeHistory bot={bot} />;
    case "orders":
      return <OrderHistory bot={bot} />;
    case "decisions":
      return <DecisionHistory bot={bot} />;
    case "findings":
      return <FindingHistory bot={bot} />;
    case "balance":
      return <BalanceCheck botId={bot.id} />;
  }
}
