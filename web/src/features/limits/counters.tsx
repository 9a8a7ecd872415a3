import type { Counter, Limits } from "@/api/types";
import { Since, Until } from "@/components/age";
import { Amount, Unmeasured } from "@/components/amount";
import { sentence } from "@/lib/text";

import styles from "./limits.module.css";

/** How much of the limits is used now, and whether one halted the scope. */
export function Counters({ book }: { book: Limits }) {
  const { halt, counters } = book;
  return (
    <>
      {halt !== null && (
        <p className={styles.halt} data-testid="halt" data-code={halt.code}>
          <b>Halted:</b> {halt.text} <Since time={halt.since} />
          {halt.until === null ? ". A person must resume it." : <>, <Until time={halt.until} verb="goes on" /></>}
        </p>
      )}
      {counters.length > 0 && (
        <section aria-label="Used now" className={styles.counters}>
          <h3>Used now</h3>
          <dl>
            {counters.map((one) => (
              <div key={one.name} data-testid={`counter-${one.name}`}>
                <dt>{sentence(one.text)}</dt>
                <dd>
                  <Used counter={one} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

function Used({ counter }: { counter: Counter }) {
  const { value, unit, limit } = counter;
  if (value === null) return <Unmeasured />;
  const currency = unit === "count" ? {} : { currency: unit };
  return (
    <>
      <Amount value={value} {...(limit === null ? currency : {})} />
      {limit !== null && (
        <>
          {" of "}
          <Amount value={limit} {...currency} />
          {/* a drawing only: its length may be rounded, the digits beside it are not */}
          <meter min={0} max={Number(limit)} high={Number(limit) * 0.8} optimum={0} value={Number(value)} aria-hidden="true" />
        </>
      )}
    </>
  );
}
