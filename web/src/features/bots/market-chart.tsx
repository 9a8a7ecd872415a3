import { lazy, Suspense, useRef } from "react";

import { useChart } from "@/api/bots";
import type { Chart } from "@/api/types";
import { Amount } from "@/components/amount";
import { PartProblem, ProblemNote } from "@/components/problem-note";
import { clockTime } from "@/lib/time";
import { useInView } from "@/lib/use-in-view";
import { useNow } from "@/lib/use-now";

import { extent } from "./chart-data";
import styles from "./market-chart.module.css";

// the chart library is the larger half of the pages: sign-in and lists do not wait for it
const PriceCanvas = lazy(() => import("./price-canvas"));

/** Past this the newest price is called old. */
const OLD_MS = 15_000;

export function MarketChart({ botId, pair, height = 220 }: { botId: string; pair: string; height?: number }) {
  const frame = useRef<HTMLElement>(null);
  const inView = useInView(frame);
  const chart = useChart(botId, inView);
  return (
    <figure ref={frame} className={styles.chart} data-testid="chart" aria-label={`Mid price of ${pair}, last hour`}>
      {chart.data === undefined ? (
        <div className={styles.blank} style={{ minHeight: height }}>
          {chart.isError ? <ProblemNote error={chart.error} /> : <p role="status">Loading prices of {pair}</p>}
        </div>
      ) : (
        <Drawing data={chart.data} height={height} failed={chart.isError ? chart.error : null} />
      )}
    </figure>
  );
}

function Drawing({ data, height, failed }: { data: Chart; height: number; failed: unknown }) {
  const now = useNow();
  const seen = extent(data.mids);
  if (seen === null) {
    return (
      <div className={styles.blank} style={{ minHeight: height }}>
        <p>
          No price of {data.pair} has been read yet. With a key at the exchange it is read once a second while this page
          is open.
        </p>
        <PartProblem error={failed} />
      </div>
    );
  }
  const bids = data.orders.filter((order) => order.side === "buy").length;
  const asks = data.orders.length - bids;
  return (
    <>
      <figcaption className={styles.caption}>
        <span>
          Mid <Amount value={seen.last} className={styles.last} />{" "}
          {now - seen.lastMs > OLD_MS && (
            <span className={styles.old}>old: from {clockTime(new Date(seen.lastMs).toISOString(), now)}</span>
          )}
        </span>
        <span className={styles.range}>
          Last hour <Amount value={seen.low} /> to <Amount value={seen.high} />
        </span>
      </figcaption>
      <Suspense fallback={<div style={{ height }} />}>
        <PriceCanvas data={data} height={height} />
      </Suspense>
      <ul className={styles.legend}>
        <li className={styles.bid}>
          <i aria-hidden="true" /> {bids} own {bids === 1 ? "bid" : "bids"}
        </li>
        <li className={styles.ask}>
          <i aria-hidden="true" /> {asks} own {asks === 1 ? "ask" : "asks"}
        </li>
        <li>
          <b aria-hidden="true">▲▼</b> {data.fills.length} own {data.fills.length === 1 ? "fill" : "fills"}
        </li>
      </ul>
      <PartProblem error={failed} />
    </>
  );
}
