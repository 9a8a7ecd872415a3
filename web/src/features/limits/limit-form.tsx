import { useState, type SyntheticEvent } from "react";

import { asProblem } from "@/api/http";
import { useSetLimits } from "@/api/limits";
import type { Limit, Limits, Scope } from "@/api/types";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { botsOf } from "@/components/scope-words";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

import { changes, groups, shown, SOURCES, unitWord } from "./limit-words";
import styles from "./limits.module.css";

interface Props {
  scope: Scope;
  book: Limits;
  quote: string | null;
  onDone: () => void;
}

/** The server's code for a value that allows many times its default. */
const LARGE = "limits.large_change";

/** A field per limit; an empty one takes what stands above it, which it shows. */
export function LimitForm({ scope, book, quote, onDone }: Props) {
  // as it was when the form opened: a list that is renewed meanwhile moves nothing under the hand
  const [limits] = useState(book.limits);
  const own = scope.kind === "market" ? "default" : scope.kind;
  const [given, setGiven] = useState<Record<string, string>>(() =>
    Object.fromEntries(limits.map((one) => [one.name, one.source === own && one.value !== null ? shown(one.value, one.unit) : ""])),
  );
  const save = useSetLimits(scope);
  const problem = save.isError ? asProblem(save.error) : null;
  const changed = changes(limits, given, own);
  const send = (confirm: boolean) => save.mutate({ values: changed, confirm }, { onSuccess: onDone });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    send(false);
  };
  // of what was sent, not of what was typed since
  const large = problem?.code === LARGE && JSON.stringify(save.variables?.values) === JSON.stringify(changed);
  return (
    <form className={form.form} onSubmit={submit} data-testid="limit-form">
      <p className={form.aside}>
        They hold for {botsOf(scope)} from the next decision on. What was counted before stays counted. Empty: what its
        field shows.
      </p>
      {groups(limits).map((group) => (
        <fieldset key={group.title} className={form.set}>
          <legend>{group.title}</legend>
          <div className={styles.fields}>
            {group.limits.map((one) => (
              <TextField
                key={one.name}
                label={labelOf(one, quote)}
                name={one.name}
                inputMode="decimal"
                autoComplete="off"
                placeholder={inherited(one, own)}
                hint={hintOf(one, own)}
                value={given[one.name] ?? ""}
                onChange={(event) => setGiven((old) => ({ ...old, [one.name]: event.target.value }))}
                error={errorOf(problem, one.name)}
              />
            ))}
          </div>
        </fieldset>
      ))}
      {problem !== null && !allShown(problem, limits.map((one) => one.name)) && <ProblemNote error={problem} />}
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={save.isPending} disabled={Object.keys(changed).length === 0}>
          Save limits
        </Button>
        {large && (
          <Button look="danger" onClick={() => send(true)} data-testid="confirm-limits">
            It is meant: save
          </Button>
        )}
        <Button onClick={onDone}>Leave as they are</Button>
      </div>
    </form>
  );
}

function labelOf(limit: Limit, quote: string | null): string {
  const word = unitWord(limit.unit, quote);
  // "in a minute" stands in its text
  return word === "" || limit.unit === "per_minute" ? limit.text : `${limit.text}, ${word}`;
}

function hintOf(limit: Limit, own: Limit["source"]): string {
  const byDefault = `Default ${limit.default === null ? "none" : shown(limit.default, limit.unit)}.`;
  return limit.source === "default" || limit.source === own ? `${limit.name}. ${byDefault}` : `${limit.name}. ${SOURCES[limit.source]}. ${byDefault}`;
}

/** What holds while the field is empty, where that is known. */
function inherited(limit: Limit, own: Limit["source"]): string {
  const value = limit.source === own ? limit.default : limit.value;
  return value === null ? "no limit" : shown(value, limit.unit);
}
