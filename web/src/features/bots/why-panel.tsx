import { Link } from "react-router";

import { useDecisions } from "@/api/findings";
import type { Bot, CurrentDecision, Decision } from "@/api/types";
import { Since } from "@/components/age";
import { BehindNote } from "@/components/behind-note";
import { StateLine } from "@/components/state-line";
import { Unmeasured } from "@/components/amount";
import { PartProblem } from "@/components/problem-note";
import { Loading } from "@/components/ui/placeholder";
import { sentence } from "@/lib/text";
import { clockTime, duration, fullTime, secondsBetween } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { remarks } from "./remarks";
import { WantedOrders } from "./wanted-orders";
import styles from "./why-panel.module.css";

/** The answer to "why is it doing that": state, reason, what it wants and what stands. */
export function WhyPanel({ bot }: { bot: Bot }) {
  const decisions = useDecisions(bot.id, null);
  const current = decisions.data?.current;
  return (
    <section className={styles.panel} aria-labelledby="why" data-testid="why">
      <h2 id="why">Why</h2>
      {current === undefined ? (
        decisions.isError ? (
          <>
            <p className={styles.quiet}>Its decisions could not be read, so the reason is not known here.</p>
            <PartProblem error={decisions.error} />
          </>
        ) : (
          <Loading what="the reason" />
        )
      ) : (
        <>
          {decisions.isError && <BehindNote error={decisions.error} receivedAt={decisions.dataUpdatedAt} />}
          <Current bot={bot} current={current} />
        </>
      )}
    </section>
  );
}

function Current({ bot, current }: { bot: Bot; current: CurrentDecision }) {
  const { state, decision } = current;
  return (
    <div className={styles.current}>
      <div className={styles.answer}>
        <StateLine state={state} />
        {state.finding !== null && (
          <p className={styles.because} data-testid="because" data-code={state.finding.code}>
            <span className={styles.label}>What fixes it</span> {state.finding.fix}
          </p>
        )}
        {decision === null ? (
          <p className={styles.quiet}>It has decided nothing since the server started.</p>
        ) : (
          <Last decision={decision} same={decision.reason.text === state.text} />
        )}
      </div>
      <dl className={styles.figures}>
        <Standing bot={bot} current={current} />
      </dl>
    </div>
  );
}

/** `same`: as the state says already. */
function Last({ decision, same }: { decision: Decision; same: boolean }) {
  const { reason, cycles } = decision;
  const notes = remarks(decision);
  return (
    <div className={styles.decision}>
      <p>
        <span className={styles.label}>Last decision</span>{" "}
        <span data-testid="decision-reason" data-reason={reason.code}>
          {same ? "The same" : sentence(reason.text)}
        </span>{" "}
        <Since time={decision.decided_at} />
        {cycles !== null && cycles > 1 && `, in each of ${cycles} cycles`}
      </p>
      {notes.length > 0 && (
        <ul className={styles.notes} data-testid="decision-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Standing({ bot, current }: { bot: Bot; current: CurrentDecision }) {
  const { decision, open_orders: open, last_fill_at: filledAt } = current;
  const now = useNow();
  return (
    <>
      <div>
        <dt>It wants</dt>
        <dd>
          {decision === null ? (
            <Unmeasured what="nothing decided yet" />
          ) : decision.wanted === null ? (
            "what stands left as it is"
          ) : decision.wanted.length === 0 ? (
            "no order"
          ) : (
            <WantedOrders wanted={decision.wanted} pair={bot.pair} />
          )}
        </dd>
      </div>
      <div>
        <dt>Open orders</dt>
        <dd data-testid="open-orders">
          {open === null ? <Unmeasured /> : <Link to="?tab=orders">{open === 0 ? "none" : open}</Link>}
        </dd>
      </div>
      <div>
        <dt>Last fill</dt>
        <dd data-testid="last-fill">
          {filledAt === null ? (
            "none known"
          ) : (
            <time dateTime={filledAt} title={fullTime(filledAt)}>
              {clockTime(filledAt, now)}, {duration(secondsBetween(filledAt, now))} ago
            </time>
          )}
        </dd>
      </div>
    </>
  );
}
