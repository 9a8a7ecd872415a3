import { Link } from "react-router";

import { useSetStatus } from "@/api/bots";
import { volumeReading, type BalanceReading } from "@/api/reading";
import type { Bot } from "@/api/types";
import { Age, Since } from "@/components/age";
import { Amount, Unmeasured } from "@/components/amount";
import { Holdings } from "@/components/holdings";
import { Place } from "@/components/place";
import { ProblemNote } from "@/components/problem-note";
import { StateLine } from "@/components/state-line";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";

import styles from "./bot-table.module.css";
import { currencies } from "./pair";
import { RunButton } from "./run-button";
import { useReading } from "./use-reading";

interface Props {
  bots: readonly Bot[];
  receivedAt: number;
}

/** Every bot on a line: what it does, what it holds, and what is wrong with it. */
export function BotTable({ bots, receivedAt }: Props) {
  return (
    <ul className={styles.list} data-testid="bot-list">
      {bots.map((bot) => (
        <Row key={bot.id} bot={bot} receivedAt={receivedAt} />
      ))}
    </ul>
  );
}

function Row({ bot, receivedAt }: { bot: Bot; receivedAt: number }) {
  const reading = useReading(bot, receivedAt);
  const setStatus = useSetStatus(bot.id);
  const finding = bot.state.finding ?? reading.finding;
  return (
    <li className={classNames(styles.row, styles[reading.kind])} data-testid="bot-row" data-bot={bot.id} data-reading={reading.kind}>
      <div className={styles.who}>
        <h2>
          <Link to={`/bots/${bot.id}`}>{bot.name}</Link>
        </h2>
        <p className={styles.quiet}>
          <span className={styles.pair}>{bot.pair}</span>{" "}
          <Place exchange={bot.exchange} fallback={bot.connector} hostLabel={bot.host_label} />
        </p>
        <p className={styles.quiet}>
          <Link to={`/clients/${encodeURIComponent(bot.account)}`}>{bot.account}</Link>
        </p>
        {bot.note !== null && (
          <p className={styles.quiet} data-testid="note">
            {bot.note}
          </p>
        )}
      </div>
      <div className={styles.does}>
        <StateLine state={bot.state} />
        {finding !== null && (
          <p className={styles.why} data-testid="row-finding" data-code={finding.code}>
            {finding !== bot.state.finding && `${sentence(finding.title)}. `}
            <b>What fixes it:</b> {finding.fix}
          </p>
        )}
        {setStatus.isError && <ProblemNote error={setStatus.error} />}
      </div>
      <Money bot={bot} reading={reading} />
      <div className={styles.read}>
        <Read reading={reading} receivedAt={receivedAt} />
        <RunButton bot={bot} setStatus={setStatus} />
      </div>
    </li>
  );
}

function Money({ bot, reading }: { bot: Bot; reading: BalanceReading }) {
  const volume = volumeReading(bot.balance_and_volume?.volume);
  return (
    <div className={styles.money}>
      <Holdings of={bot.name} currencies={currencies(bot.pair) ?? [bot.pair]} reading={reading} small />
      <dl>
        <dt>Volume, 24 h</dt>
        <dd data-testid="volume-24h">
          {volume.kind === "unknown" ? (
            <Unmeasured />
          ) : (
            <Amount value={volume.traded.last24h} currency={volume.traded.currency} />
          )}
        </dd>
      </dl>
    </div>
  );
}

function Read({ reading, receivedAt }: { reading: BalanceReading; receivedAt: number }) {
  switch (reading.kind) {
    case "ok":
      return <Age asOf={reading.holdings.asOf} ageSeconds={reading.holdings.ageSeconds} receivedAt={receivedAt} />;
    case "stale":
      return (
        <span className={styles.warn}>
          Stale <Since time={reading.finding.since} />
        </span>
      );
    case "unknown":
      return <span className={styles.bad}>Balance unknown</span>;
  }
}
