import { useEffect, useRef } from "react";

import type { Problem } from "@/api/http";
import type { Ladder } from "@/api/types";
import { LadderView } from "@/components/ladder";
import { Button } from "@/components/ui/button";

import styles from "./check-failed.module.css";

interface Props {
  problem: Problem;
  ladder: Ladder;
  /** The form no longer says what was checked. */
  changed: boolean;
  busy: boolean;
  onSaveAnyway: () => void;
}

/** Why a key was not saved, and the deliberate way to save it all the same. */
export function CheckFailed({ problem, ladder, changed, busy, onSaveAnyway }: Props) {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.focus({ preventScroll: true });
    place.current?.scrollIntoView({ block: "start", behavior: "smooth" });
  }, [ladder]);
  return (
    <section ref={place} tabIndex={-1} className={styles.failed} aria-labelledby="check-failed" data-testid="check-failed" data-code={problem.code}>
      <div>
        <h3 id="check-failed">Not saved: the check failed</h3>
        <p className={styles.quiet}>What you entered is still here.</p>
      </div>
      <LadderView ladder={ladder} />
      {changed ? (
        <p className={styles.quiet}>This was found before your last change. Save to check again.</p>
      ) : (
        <div className={styles.anyway}>
          <p>Saved anyway, its bots stay blocked and its balance unknown until the exchange accepts it.</p>
          <Button look="danger" busy={busy} onClick={onSaveAnyway} data-testid="save-anyway">
            Save anyway
          </Button>
        </div>
      )}
    </section>
  );
}
