import type { ReactNode } from "react";

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
  { id: "limits", label: "Limits" },
] as const;

type TabId = (typeof TABS)[number]["id"];

const IDS: readonly TabId[] = TABS.map((tab) => tab.id);

interface Props {
  bot: Bot;
  /** What bounds it. */
  limits: ReactNode;
}

/** What a bot did and decided, what was wrong, and where its numbers come from; the open one is part of the address. */
export function HistoryTabs({ bot, limits }: Props) {
  const [chosen, choose] = useUrlState<TabId>("tab", IDS, "trades");
  return (
    <Tabs label={`History of ${bot.name}`} tabs={TABS} chosen={chosen} onChoose={choose}>
      <Chosen tab={chosen} bot={bot} limits={limits} />
    </Tabs>
  );
}

function Chosen({ tab, bot, limits }: Props & { tab: TabId }) {
  switch (tab) {
    case "trades":
      return <TradeHistory bot={bot} />;
    case "orders":
      return <OrderHistory bot={bot} />;
    case "decisions":
      return <DecisionHistory bot={bot} />;
    case "findings":
      return <FindingHistory bot={bot} />;
    case "limits":
      return limits;
    case "balance":
      return <BalanceCheck botId={bot.id} />;
  }
}
