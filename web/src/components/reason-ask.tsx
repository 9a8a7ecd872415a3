import { useEffect, useRef, useState, type SyntheticEvent } from "react";

import { ProblemNote } from "./problem-note";
import styles from "./reason-ask.module.css";
import { Button } from "./ui/button";
import { TextField } from "./ui/field";

interface Props {
  /** On the button: "Re-arm". */
  label: string;
  /** Of what, for those who do not see where the button stands: "all trading". */
  of: string;
  /** What it does, in full. */
  explain: string;
  busy: boolean;
  /** Of the last try; null: none. */
  error: unknown;
  onSubmit: (reason: string) => void;
  testId: string;
}

/** To go on takes a reason, which is kept. */
export function ReasonAsk(props: Props) {
  const [open, setOpen] = useState(false);
  if (open) return <Asked {...props} onLeave={() => setOpen(false)} />;
  return (
    <div>
      <Button small onClick={() => setOpen(true)} data-testid={props.testId} aria-label={`${props.label} ${props.of}`}>
        {props.label}
      </Button>
    </div>
  );
}

function Asked({ label, explain, busy, error, onSubmit, testId, onLeave }: Props & { onLeave: () => void }) {
  const [reason, setReason] = useState("");
  const place = useRef<HTMLFormElement>(null);
  useEffect(() => place.current?.querySelector("input")?.focus(), []);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSubmit(reason.trim());
  };
  return (
    <form ref={place} className={styles.ask} onSubmit={submit} data-testid={`${testId}-form`}>
      <p>{explain}</p>
      <TextField
        label="Reason"
        name="reason"
        required
        autoComplete="off"
        maxLength={280}
        hint="Kept with your name."
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {error !== null && <ProblemNote error={error} />}
      <div className={styles.foot}>
        <Button type="submit" small look="primary" busy={busy} disabled={reason.trim() === ""}>
          {label}
        </Button>
        <Button small look="bare" onClick={onLeave}>
          Not now
        </Button>
      </div>
    </form>
  );
}
