import type { ReactNode } from "react";

import { useOrders, useTrades } from "@/api/bots";
import { useBotFindings, useDecisions } from "@/api/findings";
import type { Bot } from "@/api/types";
import { FindingRow } from "@/components/finding-row";
import { Pager } from "@/components/pager";
import { PartProblem } from "@/components/problem-note";
import { Loading } from "@/components/ui/placeholder";
import { useUrlText } from "@/lib/use-url-state";

import { DecisionsTable } from "./decisions-table";
import styles from "./history.module.css";
import { OrdersTable } from "./orders-table";
import { TradesTable } from "./trades-table";

/** All trades of a bot, a page at a time; the page is part of the address, as for each list here. */
export function TradeHistory({ bot }: { bot: Bot }) {
  const [cursor, setCursor] = useUrlText("trades");
  const page = useTrades(bot.id, orNull(cursor), true);
  return (
    <Listed what="Trades" page={page} rows={page.data?.trades} none="This bot has not traded yet." noneId="no-trades" cursor={cursor} onCursor={setCursor}>
      {(trades) => <TradesTable trades={trades} bot={bot} />}
    </Listed>
  );
}

export function OrderHistory({ bot }: { bot: Bot }) {
  const [cursor, setCursor] = useUrlText("orders");
  const page = useOrders(bot.id, orNull(cursor));
  return (
    <Listed what="Orders" page={page} rows={page.data?.orders} none="This bot has not sent an order yet." cursor={cursor} onCursor={setCursor}>
      {(orders) => <OrdersTable orders={orders} bot={bot} />}
    </Listed>
  );
}

export function DecisionHistory({ bot }: { bot: Bot }) {
  const [cursor, setCursor] = useUrlText("decisions");
  const page = useDecisions(bot.id, orNull(cursor));
  return (
    <Listed what="Decisions" page={page} rows={page.data?.decisions} none="This bot has not decided anything yet." cursor={cursor} onCursor={setCursor}>
      {(decisions) => <DecisionsTable decisions={decisions} current={page.data?.current.decision ?? null} name={bot.name} />}
    </Listed>
  );
}

/** Of the bot and of what it rests on: its connector, market, exchange and the platform. */
export function FindingHistory({ bot }: { bot: Bot }) {
  const [cursor, setCursor] = useUrlText("findings");
  const page = useBotFindings(bot.id, orNull(cursor));
  return (
    <Listed what="Findings" page={page} rows={page.data?.findings} none="Nothing was ever wrong with this bot or what it rests on." cursor={cursor} onCursor={setCursor}>
      {(findings) => (
        <ul className={styles.findings}>
          {findings.map((one) => (
            <FindingRow key={one.id} recorded={one} />
          ))}
        </ul>
      )}
    </Listed>
  );
}

function orNull(cursor: string): string | null {
  return cursor === "" ? null : cursor;
}

interface ListedProps<Row> {
  what: string;
  page: { data: { next: string | null } | undefined; error: unknown };
  rows: readonly Row[] | undefined;
  none: string;
  noneId?: string;
  cursor: string;
  onCursor: (cursor: string) => void;
  children: (rows: readonly Row[]) => ReactNode;
}

function Listed<Row>({ what, page, rows, none, noneId, cursor, onCursor, children }: ListedProps<Row>) {
  return (
    <div className={styles.listed}>
      <PartProblem error={page.error} />
      {rows === undefined ? (
        page.error === null ? <Loading what={what} /> : <p>{what} could not be read.</p>
      ) : rows.length === 0 ? (
        <p className={styles.none} data-testid={noneId}>
          {cursor === "" ? none : "There are no older ones."}
        </p>
      ) : (
        children(rows)
      )}
      <Pager cursor={cursor} next={page.data?.next ?? null} onCursor={onCursor} />
    </div>
  );
}
