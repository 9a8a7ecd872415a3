import { useState, type SyntheticEvent } from "react";

import { asProblem } from "@/api/http";
import { useMakeHold } from "@/api/restraints";
import type { Hold, Scope } from "@/api/types";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { botsOf, scopeWords } from "@/components/scope-words";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

import { instantOf, ORDERS } from "./hold-words";

interface Props {
  /** What may be held from here; the first is chosen. */
  scopes: readonly [Scope, ...Scope[]];
  onDone: () => void;
}

/** A hold from now on, or one that is planned. */
export function HoldForm({ scopes, onDone }: Props) {
  const [chosen, setChosen] = useState<Scope | null>(null);
  const [reason, setReason] = useState("");
  const [orders, setOrders] = useState<Hold["orders"]>("cancel");
  const [starts, setStarts] = useState("");
  const [ends, setEnds] = useState("");
  const make = useMakeHold();
  const problem = make.isError ? asProblem(make.error) : null;
  const scope = chosen ?? scopes[0];

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const { kind, id } = scope;
    const startsAt = instantOf(starts);
    const endsAt = instantOf(ends);
    make.mutate(
      {
        scope: { kind, id },
        reason: reason.trim(),
        orders,
        ...(startsAt === null ? {} : { starts_at: startsAt }),
        ...(endsAt === null ? {} : { ends_at: endsAt }),
      },
      { onSuccess: onDone },
    );
  };

  return (
    <form className={form.form} onSubmit={submit} data-testid="hold-form">
      {scopes.length > 1 && (
        <SelectField
          label="What is held"
          name="scope"
          value={keyOf(scope)}
          onChange={(event) => setChosen(scopes.find((one) => keyOf(one) === event.target.value) ?? null)}
          error={errorOf(problem, "scope")}
        >
          {scopes.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {scopeWords(one)}
            </option>
          ))}
        </SelectField>
      )}
      <TextField
        label="Reason"
        name="reason"
        required
        autoComplete="off"
        maxLength={280}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        error={errorOf(problem, "reason")}
      />
      <SelectField
        label="Open orders"
        name="orders"
        value={orders}
        onChange={(event) => setOrders(event.target.value === "keep" ? "keep" : "cancel")}
        hint={orders === "keep" ? "They may still be filled while nobody moves them." : undefined}
        error={errorOf(problem, "orders")}
      >
        {(["cancel", "keep"] as const).map((one) => (
          <option key={one} value={one}>
            {ORDERS[one]}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Starts"
        name="starts_at"
        type="datetime-local"
        hint="Empty: now. Times are those of this device."
        value={starts}
        onChange={(event) => setStarts(event.target.value)}
        error={errorOf(problem, "starts_at")}
      />
      <TextField
        label="Ends"
        name="ends_at"
        type="datetime-local"
        min={starts}
        hint="Empty: when somebody lifts it."
        value={ends}
        onChange={(event) => setEnds(event.target.value)}
        error={errorOf(problem, "ends_at")}
      />
      {problem !== null && !allShown(problem, ["scope", "reason", "orders", "starts_at", "ends_at"]) && <ProblemNote error={problem} />}
      <p className={form.aside}>At its end {botsOf(scope)} goes on only if the start checks pass.</p>
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={make.isPending} disabled={reason.trim() === ""}>
          {starts === "" ? "Hold now" : "Plan hold"}
        </Button>
      </div>
    </form>
  );
}

/** Scopes that are read later come between those that stand. */
function keyOf(scope: Scope): string {
  return `${scope.kind} ${scope.id}`;
}
