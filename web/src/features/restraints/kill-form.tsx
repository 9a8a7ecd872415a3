import { useState, type SyntheticEvent } from "react";

import { asProblem } from "@/api/http";
import { useKill } from "@/api/restraints";
import type { Scope } from "@/api/types";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { botsOf } from "@/components/scope-words";
import { Button } from "@/components/ui/button";
import { CheckField, TextField } from "@/components/ui/field";

/** Stopping is easy: a reason is welcome, not asked for. */
const WITHOUT_REASON = "Pressed on the page, no reason given";

interface Props {
  scope: Scope;
  onDone: () => void;
}

/** The one confirmation of the kill switch: Enter in its first field presses it. */
export function KillForm({ scope, onDone }: Props) {
  const [reason, setReason] = useState("");
  const [byHand, setByHand] = useState(false);
  const kill = useKill();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const said = reason.trim();
    const { kind, id } = scope;
    kill.mutate({ scope: { kind, id }, reason: said === "" ? WITHOUT_REASON : said, by_hand: byHand }, { onSuccess: onDone });
  };
  return (
    <form className={form.form} onSubmit={submit} data-testid="kill-form">
      <p>
        This covers {botsOf(scope)}. From the press on no new order is sent for it, and every open one is cancelled. The
        page then says how many of them the exchange has confirmed. It stays so, also over a restart, until somebody
        re-arms it with a reason.
      </p>
      <TextField
        label="Reason (optional)"
        name="reason"
        autoComplete="off"
        maxLength={280}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <CheckField
        label="Cancel orders placed by hand as well"
        name="by_hand"
        hint="Those of people and other programs on the same exchange accounts. Without this they are left alone."
        checked={byHand}
        onChange={(event) => setByHand(event.target.checked)}
      />
      {kill.isError && (
        <ProblemNote
          error={kill.error}
          action={
            asProblem(kill.error).status === 0 && (
              <p>
                It works without this page too: <code>{commandOf(scope)}</code> on the server's machine.
              </p>
            )
          }
        />
      )}
      <div className={form.foot}>
        <Button type="submit" look="stop" busy={kill.isPending} data-testid="kill-now">
          {scope.kind === "platform" ? "Kill all trading now" : `Kill ${scope.name} now`}
        </Button>
      </div>
    </form>
  );
}

function commandOf(scope: Scope): string {
  const whom = scope.kind === "platform" ? "--all" : `--${scope.kind} ${scope.id}`;
  return `trading-bridge kill ${whom} --reason "..."`;
}
