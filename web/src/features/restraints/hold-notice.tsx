import { useLift } from "@/api/restraints";
import type { Hold } from "@/api/types";
import { Since, Until } from "@/components/age";
import { ReasonAsk } from "@/components/reason-ask";
import { botsOf, scopeWords } from "@/components/scope-words";
import { classNames } from "@/lib/class-names";

import { ORDERS } from "./hold-words";
import styles from "./notice.module.css";

/** A hold that is on: until when, why, and the way out. */
export function HoldNotice({ hold }: { hold: Hold }) {
  const lift = useLift(hold.id);
  return (
    <section className={classNames(styles.notice, styles.hold)} aria-label={`Hold: ${scopeWords(hold.scope)}`} data-testid="hold" data-state={hold.state}>
      <h2>{scopeWords(hold.scope)} is on hold</h2>
      <p>
        In force <Since time={hold.starts_at} />,{" "}
        {hold.ends_at === null ? "until somebody lifts it" : <Until time={hold.ends_at} verb="ends" />}. {ORDERS[hold.orders]}.
      </p>
      <p className={styles.quiet}>
        {hold.made_by}: “{hold.reason}”
      </p>
      <ReasonAsk
        label="Lift hold"
        of={`of ${botsOf(hold.scope)}`}
        explain={`Ends the hold now. Of ${botsOf(hold.scope)}, those that are wished running go on once their start checks pass.`}
        busy={lift.isPending}
        error={lift.error}
        onSubmit={(reason) => lift.mutate(reason)}
        testId="lift"
      />
    </section>
  );
}
