import { useId, useState } from "react";

import type { EgressAddress, Ladder, LadderStep } from "@/api/types";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { CopyButton } from "./copy";
import { EvidenceRows } from "./evidence-rows";
import { FindingNote } from "./finding-note";
import styles from "./ladder.module.css";
import { inCounts } from "./ladder-words";

interface Props {
  ladder: Ladder;
  /** Code of a finding that stands beside it already; it is not told twice. */
  told?: string | undefined;
  /** The line with the time and the counts stands above it already. */
  withoutLine?: boolean;
}

/** What the doctor found: the diagnosis first, then what to allow, then every step on the way. */
export function LadderView({ ladder, told, withoutLine = false }: Props) {
  const { diagnosis, remaining, egress, steps } = ladder;
  return (
    <div className={styles.ladder} data-testid="ladder" data-passed={ladder.passed}>
      {diagnosis !== null && diagnosis.code !== told && <FindingNote finding={diagnosis} />}
      {remaining.length > 0 && (
        <div className={styles.part} data-testid="remaining">
          <p className={styles.head}>No call can tell this apart from</p>
          <ul className={styles.causes}>
            {remaining.map((one) => (
              <li key={one.code}>{sentence(one.title)}</li>
            ))}
          </ul>
        </div>
      )}
      {egress.length > 0 && <Addresses egress={egress} />}
      <div className={styles.part}>
        {!withoutLine && <CheckLine ladder={ladder} />}
        <ol className={styles.steps}>
          {steps.map((step, at) => (
            // a rung may stand there once for each bot
            <Step key={at} step={step} known={[diagnosis?.code, told]} />
          ))}
        </ol>
      </div>
    </div>
  );
}

/** `Checked at 10:44:13: 9 steps passed, 1 failed · 412 ms` */
export function CheckLine({ ladder }: { ladder: Ladder }) {
  const now = useNow();
  return (
    <p className={styles.line} data-testid="check-line">
      <span title={fullTime(ladder.started_at)}>Checked at {clockTime(ladder.started_at, now)}:</span>{" "}
      <strong className={ladder.passed ? styles.good : styles.bad}>{inCounts(ladder.steps)}</strong>
      <span className={styles.quiet}>
        {" "}
        in {ladder.took_ms} ms, {ladder.requests} {ladder.requests === 1 ? "request" : "requests"} to the exchange
      </span>
    </p>
  );
}

const OUTCOMES: Record<LadderStep["outcome"], string> = { pass: "passed", fail: "failed", skipped: "skipped" };

function Step({ step, known }: { step: LadderStep; known: readonly (string | undefined)[] }) {
  const [open, setOpen] = useState(false);
  const region = useId();
  const finding = step.finding !== null && !known.includes(step.finding.code) ? step.finding : null;
  const more = step.evidence !== null || finding !== null;
  return (
    <li className={classNames(styles.step, styles[step.outcome])} data-testid="step" data-rung={step.rung} data-outcome={step.outcome}>
      <StepSign outcome={step.outcome} />
      <p>
        <span className={styles.label}>{step.label}</span>{" "}
        <span className={step.outcome === "pass" ? "visually-hidden" : styles.outcome}>{OUTCOMES[step.outcome]}</span>
      </p>
      <p className={styles.detail}>{step.detail}</p>
      <span className={styles.took}>{took(step)}</span>
      {more && (
        <button type="button" className={styles.more} aria-expanded={open} aria-controls={open ? region : undefined} onClick={() => setOpen(!open)}>
          Evidence<span className="visually-hidden"> of {step.label}</span>
        </button>
      )}
      {open && (
        <div id={region} className={styles.evidence}>
          {step.evidence !== null && <EvidenceRows evidence={step.evidence} />}
          {finding !== null && <FindingNote finding={finding} />}
        </div>
      )}
    </li>
  );
}

/** What was not run took no time; a part of a millisecond is not 0. */
function took(step: LadderStep): string {
  if (step.outcome === "skipped") return "not run";
  return step.took_ms === 0 ? "under 1 ms" : `${step.took_ms} ms`;
}

function StepSign({ outcome }: { outcome: LadderStep["outcome"] }) {
  return (
    <svg viewBox="0 0 14 14" aria-hidden="true" className={styles.sign}>
      {outcome === "pass" && <path d="M2 7.5 5.500 11 12 3.500" />}
      {outcome === "fail" && <path d="M3 3 11 11M11 3 3 11" />}
      {outcome === "skipped" && <path d="M3 7H11" strokeDasharray="2.500 3" />}
    </svg>
  );
}

const FAMILIES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

const SOURCES: Record<EgressAddress["source"], string> = {
  seen: "as seen from outside",
  configured: "as configured",
  proxy: "of the proxy",
};

function Addresses({ egress }: { egress: readonly EgressAddress[] }) {
  const now = useNow();
  const sorted = [...egress].sort((a, b) => a.family.localeCompare(b.family));
  return (
    <div className={styles.part} data-testid="egress">
      <p className={styles.head}>Addresses to allow for this key at the exchange</p>
      <ul className={styles.addresses}>
        {sorted.map((one) => (
          <li key={one.address}>
            <span className={styles.family}>{FAMILIES[one.family]}</span>
            <span className={styles.address}>
              <code>{one.address}</code>
              <span className={styles.quiet}>
                {SOURCES[one.source]}
                {one.last_seen !== null && `, last at ${clockTime(one.last_seen, now)}`}
              </span>
            </span>
            <CopyButton text={one.address} what={`address ${one.address}`} />
          </li>
        ))}
      </ul>
    </div>
  );
}
