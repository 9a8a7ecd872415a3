import type { ReactNode } from "react";

import styles from "./door.module.css";
import { Mark } from "./mark";

/** The frame of the pages before signing in. */
export function Door({ title, line, children }: { title: string; line: string; children: ReactNode }) {
  return (
    <main className={styles.door}>
      <div className={styles.view} aria-hidden="true">
        <Span />
      </div>
      <section className={styles.form}>
        <p className={styles.brand}>
          <Mark /> trading-bridge
        </p>
        <title>{`${title} · trading-bridge`}</title>
        <h1>{title}</h1>
        <p className={styles.line}>{line}</p>
        {children}
      </section>
    </main>
  );
}

const SPAN = 40;
const DECK = 340;

/** Height of the main cable over the deck, `away` hangers from the middle. */
function sag(away: number): number {
  return 16 + (away / (SPAN / 2)) ** 2 * 250;
}

/** A suspension bridge whose hangers are an order book: bids on the left, asks on the right, the spread between them. */
function Span() {
  const places = Array.from({ length: SPAN + 1 }, (_, at) => ({ at, x: 20 + at * 14, away: Math.abs(at - SPAN / 2) }));
  const cable = places.map(({ at, x, away }) => `${at === 0 ? "M" : "L"}${x} ${DECK - sag(away)}`).join("");
  return (
    <svg viewBox="-50 0 700 460" preserveAspectRatio="xMidYMid meet">
      {places
        .filter(({ at, away }) => away > 1 && at > 0 && at < SPAN)
        .map(({ at, x, away }) => (
          <path
            key={at}
            className={at < SPAN / 2 ? styles.buy : styles.sell}
            d={`M${x} ${DECK}V${DECK - sag(away) * (0.62 + ((at * 29) % 13) / 36)}`}
          />
        ))}
      <path className={styles.cable} d={`M-160 ${DECK}L20 ${DECK - sag(SPAN / 2)}M580 ${DECK - sag(SPAN / 2)}L760 ${DECK}`} />
      <path className={styles.cable} d={cable} />
      <path className={styles.deck} d={`M-900 ${DECK}H1500`} />
      <path className={styles.pylon} d="M20 420V56M580 420V56" />
    </svg>
  );
}
