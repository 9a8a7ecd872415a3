import { volumeReading, type BalanceReading, type Traded, type VolumeReading } from "@/api/reading";
import type { Bot } from "@/api/types";
import { Since } from "@/components/age";
import { Amount, Unmeasured } from "@/components/amount";
import { FindingNote } from "@/components/finding-note";
import { Holdings } from "@/components/holdings";
import { classNames } from "@/lib/class-names";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import styles from "./ledger.module.css";
import { LockedSplit } from "./locked-split";
import { currencies } from "./pair";

interface Props {
  bot: Bot;
  reading: BalanceReading;
}

/** Available | Locked | Volume. What is not known has its cause and its fix instead of a number. */
export function Ledger({ bot, reading }: Props) {
  const volume = volumeReading(bot.balance_and_volume?.volume);
  return (
    <div className={styles.ledger}>
      <div className={styles.figures}>
        <Holdings of={bot.name} currencies={currencies(bot.pair) ?? [bot.pair]} reading={reading} />
        <VolumeFigures bot={bot} reading={volume} />
      </div>
      {reading.kind !== "unknown" && <LockedSplit bot={bot} lockedBy={reading.holdings.lockedBy} />}
      {(reading.finding !== null || volume.kind !== "ok") && (
        <div className={styles.notes}>
          <Remark reading={reading} />
          {volume.kind !== "ok" && !sameFinding(volume, reading) && <FindingNote finding={volume.finding} />}
        </div>
      )}
    </div>
  );
}

function Remark({ reading }: { reading: BalanceReading }) {
  switch (reading.kind) {
    case "ok":
      return reading.finding === null ? null : <FindingNote finding={reading.finding} />;
    case "stale":
      return (
        <div className={styles.remark} data-testid="stale">
          <p>
            <strong>Stale</strong> <Since time={reading.finding.since} />: these are the last numbers that the exchange
            gave.
          </p>
          <FindingNote finding={reading.finding} />
        </div>
      );
    case "unknown":
      return (
        <div className={styles.remark} data-testid="unknown">
          <FindingNote finding={reading.finding} />
        </div>
      );
  }
}

function VolumeFigures({ bot, reading }: { bot: Bot; reading: VolumeReading }) {
  return (
    <section className={classNames(styles.volume, reading.kind === "stale" && styles.stale)} aria-label={`Volume of ${bot.name}`}>
      <h3 className={styles.head}>
        Volume <span>Traded by this bot</span>
      </h3>
      {reading.kind === "unknown" ? (
        <p className={styles.total} data-testid="volume-total">
          <Unmeasured />
        </p>
      ) : (
        <VolumeNumbers traded={reading.traded} stale={reading.kind === "stale"} />
      )}
    </section>
  );
}

function VolumeNumbers({ traded, stale }: { traded: Traded; stale: boolean }) {
  const { currency, trades, buys, sells, maker, taker } = traded;
  const now = useNow();
  return (
    <>
      <p className={styles.total} data-testid="volume-total">
        <Amount value={traded.total} currency={currency} />
      </p>
      <dl className={styles.parts}>
        <dt>Today, UTC</dt>
        <dd data-testid="volume-today">
          <Amount value={traded.today} />
        </dd>
        <dt>24 h</dt>
        <dd data-testid="volume-24h">
          <Amount value={traded.last24h} />
        </dd>
        {maker !== null && taker !== null && (
          <>
            <dt>Maker</dt>
            <dd>
              <Amount value={maker} />
            </dd>
            <dt>Taker</dt>
            <dd>
              <Amount value={taker} />
            </dd>
          </>
        )}
      </dl>
      {trades !== null && buys !== null && sells !== null && (
        <p className={styles.counts} data-testid="volume-trades">
          {trades} {trades === 1 ? "trade" : "trades"}: {buys} bought, {sells} sold
        </p>
      )}
      {stale && traded.asOf !== null && (
        <p className={styles.counts}>
          Known up to{" "}
          <time dateTime={traded.asOf} title={fullTime(traded.asOf)}>
            {clockTime(traded.asOf, now)}
          </time>
        </p>
      )}
    </>
  );
}

/** One cause for both is told once. */
function sameFinding(volume: VolumeReading, balance: BalanceReading): boolean {
  return volume.kind !== "ok" && volume.finding.code === balance.finding?.code;
}
