import type { BotState, StateCode } from "@/api/types";
import { classNames } from "@/lib/class-names";
import { sentence } from "@/lib/text";

import { Since, Until } from "./age";
import styles from "./state-line.module.css";

type Tone = "good" | "calm" | "busy" | "bad" | "quiet";

const TONES: Record<StateCode, Tone> = {
  trading: "good",
  waiting: "calm",
  starting: "busy",
  stopping: "busy",
  blocked: "bad",
  down: "bad",
  halted: "bad",
  killed: "bad",
  held: "quiet",
  stopped: "quiet",
};

/** What happens at the time that a state names. */
const UNTIL: Partial<Record<StateCode, string>> = {
  waiting: "goes on",
  halted: "goes on",
  held: "the hold ends",
};

/** What a bot really does, in the server's words; the sign differs in shape, not only in colour. */
export function StateLine({ state }: { state: BotState }) {
  return (
    <p className={styles.line} data-testid="state" data-state={state.code}>
      <StateSign code={state.code} />
      <span>
        <span className={classNames(styles.text, styles[TONES[state.code]])}>{sentence(state.text)}</span>{" "}
        <Since time={state.since} />
        {state.until !== null && (
          <>
            {", "}
            <Until time={state.until} verb={UNTIL[state.code] ?? "tries again"} />
          </>
        )}
      </span>
    </p>
  );
}

export function StateSign({ code }: { code: StateCode }) {
  const tone = TONES[code];
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={classNames(styles.sign, styles[tone])}>
      {tone === "good" && <circle cx="6" cy="6" r="5" fill="currentColor" />}
      {tone === "calm" && <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />}
      {tone === "busy" && (
        <>
          <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M6 1.75a4.250 4.250 0 0 1 0 8.500z" fill="currentColor" />
        </>
      )}
      {tone === "bad" && <path d="M6 .5 11.500 11H.5z" fill="currentColor" />}
      {tone === "quiet" && <rect x="2" y="2" width="8" height="8" fill="none" stroke="currentColor" strokeWidth="1.500" />}
    </svg>
  );
}
