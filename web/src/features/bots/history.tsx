import type { ReactNode } from "react";

import { useOrders, useTrades } from "@/api/bots";
import type { Bot } from "@/api/types";
import { PartProblem } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { Loading } from "@/components/ui/placeholder";
import { useUrlText } from "@/lib/use-url-state";

import styles from "./history.module.css";
import { OrdersTable } from "./orders-table";
import { TradesTable } from "./trades-table";

/** All trades of a bot, a page at a time; the page is part of the address. */
export function TradeHistory({ bot }: { bot: Bot }) {
  const [cursor, setCursor] = useUrlText("trades");
  const page = useTrades(bot.id, cursor === "" ? null : cursor, true);
  return (
    <Section title="Trades" error={page.error} cursor={cursor} next={page.data?.next ?? null} onCursor={setCursor}>
      {page.data === undefined ? (
        page.isError ? <p>Trades could not be read.</p> : <Loading what="trades" />
      ) : page.data.trades.length === 0 ? (
        <p data-testid="no-trades">This bot has not traded yet.</p>
      ) : (
        <TradesTable trades={page.data.trades} bot={bot} />
      )}
    </Section>
  );
}

export function OrderHistory({ bot }: { bot: Bot }) {
  const [cursor, setCursor] = useUrlText("orders");
  const page = useOrders(bot.id, cursor === "" ? null : cursor);
  return (
    <Section title="Orders" error={page.error} cursor={cursor} next={page.data?.next ?? null} onCursor={setCursor}>
      {page.data === undefined ? (
        page.isError ? <p>Orders could not be read.</p> : <Loading what="orders" />
      ) : page.data.orders.length === 0 ? (
        <p>This bot has not sent an order yet.</p>
      ) : (
        <OrdersTable orders={page.data.orders} bot={bot} />
      )}
    </Section>
  );
}

interface SectionProps {
  title: string;
  error: unknown;
  cursor: string;
  next: string | null;
  onCursor: (cursor: string) => void;
  children: ReactNode;
}

function Section({ title, error, cursor, next, onCursor, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      <PartProblem error={error} />
      {children}
      {(cursor !== "" || next !== null) && (
        <div className={styles.pages}>
          {cursor !== "" && (
            <Button small onClick={() => onCursor("")}>
              Newest
            </Button>
          )}
          {next !== null && (
            <Button small onClick={() => onCursor(next)}>
              Older
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
