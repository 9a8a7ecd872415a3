import { useId, type ReactNode } from "react";
import { Link } from "react-router";

import { useRefreshBalance, useSetStatus, useTrades } from "@/api/bots";
import type { BalanceReading } from "@/api/reading";
import type { Bot } from "@/api/types";
import { Age } from "@/components/age";
import { FindingNote } from "@/components/finding-note";
import { Place } from "@/components/place";
import { PartProblem, ProblemNote } from "@/components/problem-note";
import { StateLine } from "@/components/state-line";
import { Button } from "@/components/ui/button";
import { classNames } from "@/lib/class-names";

import styles from "./bot-card.module.css";
import { Ledger } from "./ledger";
import { MarketChart } from "./market-chart";
import { RunButton } from "./run-button";
import { TradesTable } from "./trades-table";
import { useReading } from "./use-reading";

const RECENT = 6;

interface Props {
  bot: Bot;
  /** When the answer came that `bot` is from, in ms. */
  receivedAt: number;
  /** On the bot's own page: taller chart, no link to itself, no short list of trades. */
  full?: boolean;
  onEdit?: (() => void) | undefined;
  /** Further buttons, before start and stop. */
  actions?: ReactNode;
  /** What a person must know or do beside its state. */
  notice?: ReactNode;
}

export function BotCard({ bot, receivedAt, full = false, onEdit, actions, notice }: Props) {
  const heading = useId();
  const reading = useReading(bot, receivedAt);
  const setStatus = useSetStatus(bot.id);
  const blocking = bot.state.finding;
  const told = blocking !== null && reading.finding?.code !== blocking.code;
  return (
    <article
      className={classNames(styles.card, styles[reading.kind])}
      aria-labelledby={heading}
      data-testid="bot-card"
      data-bot={bot.id}
      data-reading={reading.kind}
    >
      <header className={styles.head}>
        <h2 id={heading}>{full ? bot.name : <Link to={`/bots/${bot.id}`}>{bot.name}</Link>}</h2>
        <div className={styles.actions}>
          {onEdit !== undefined && (
            <Button small look="bare" onClick={onEdit} data-testid="edit-bot" aria-label={`Settings of ${bot.name}`}>
              Settings
            </Button>
          )}
          {actions}
          <RunButton bot={bot} setStatus={setStatus} />
        </div>
        <p className={styles.place}>
          <span className={styles.pair}>{bot.pair}</span>
          <Place exchange={bot.exchange} fallback={bot.connector} hostLabel={bot.host_label} />
          {bot.note !== null && <span data-testid="note">{bot.note}</span>}
        </p>
        <div className={styles.state}>
          <StateLine state={bot.state} />
        </div>
      </header>
      {notice}
      {setStatus.isError && <ProblemNote error={setStatus.error} />}
      {told && <FindingNote finding={blocking} />}
      <Ledger bot={bot} reading={reading} />
      <Freshness bot={bot} reading={reading} receivedAt={receivedAt} />
      <div className={classNames(styles.market, full && styles.full)}>
        <MarketChart botId={bot.id} pair={bot.pair} height={full ? 340 : 216} />
        {!full && <RecentTrades bot={bot} />}
      </div>
    </article>
  );
}

function Freshness({ bot, reading, receivedAt }: { bot: Bot; reading: BalanceReading; receivedAt: number }) {
  const refresh = useRefreshBalance(bot.id);
  let read: ReactNode;
  if (reading.kind === "unknown") read = <span>No numbers that can be relied on</span>;
  else {
    const { asOf, ageSeconds, wallet } = reading.holdings;
    read = (
      <>
        <Age asOf={asOf} ageSeconds={ageSeconds} receivedAt={receivedAt} />
        {wallet !== null && <span className={styles.wallet}>{wallet} wallet</span>}
      </>
    );
  }
  return (
    <div className={styles.freshness}>
      {read}
      <Button
        small
        busy={refresh.isPending}
        onClick={() => refresh.mutate()}
        data-testid="refresh"
        aria-label={refresh.isPending ? `Reading the balance of ${bot.name}` : `Refresh the balance of ${bot.name}`}
      >
        {refresh.isPending ? "Reading" : "Refresh"}
      </Button>
      {refresh.isError && <ProblemNote error={refresh.error} />}
    </div>
  );
}

function RecentTrades({ bot }: { bot: Bot }) {
  const trades = useTrades(bot.id, null, true);
  return (
    <section className={styles.trades}>
      <h3>Recent trades</h3>
      <PartProblem error={trades.error} />
      {trades.data === undefined ? (
        <p className={styles.quiet}>{trades.isError ? "Trades could not be read." : "Loading trades"}</p>
      ) : trades.data.trades.length === 0 ? (
        <p className={styles.quiet} data-testid="no-trades">
          This bot has not traded yet.
        </p>
      ) : (
        <>
          <TradesTable trades={trades.data.trades.slice(0, RECENT)} bot={bot} short />
          <Link to={`/bots/${bot.id}`} className={styles.more}>
            All trades and orders<span className="visually-hidden"> of {bot.name}</span>
          </Link>
        </>
      )}
    </section>
  );
}
