import { useState, type SyntheticEvent } from "react";

import { asProblem } from "@/api/http";
import { useLabel } from "@/api/transfers";
import type { Transfer } from "@/api/types";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

import styles from "./transfers.module.css";
import { LABEL_IDS, labelOf, LABELS } from "./transfer-words";

/** What it was, by somebody who knows. */
export function LabelForm({ transfer, onDone }: { transfer: Transfer; onDone: () => void }) {
  const [chosen, setChosen] = useState<string>(transfer.label ?? "");
  const [note, setNote] = useState(transfer.note ?? "");
  const say = useLabel(transfer.id);
  const problem = say.isError ? asProblem(say.error) : null;
  const label = labelOf(chosen);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (label !== null) say.mutate({ label, note: note.trim() === "" ? null : note.trim() }, { onSuccess: onDone });
  };
  return (
    <form className={styles.form} onSubmit={submit} data-testid="label-form">
      <SelectField label="What it was" name="label" required value={chosen} onChange={(event) => setChosen(event.target.value)} error={errorOf(problem, "label")}>
        <option value="" disabled>
          Choose
        </option>
        {LABEL_IDS.map((one) => (
          <option key={one} value={one}>
            {LABELS[one]}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Note (optional)"
        name="note"
        autoComplete="off"
        maxLength={280}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        error={errorOf(problem, "note")}
      />
      <Button type="submit" look="primary" busy={say.isPending} disabled={label === null}>
        Save label
      </Button>
      {problem !== null && !allShown(problem, ["label", "note"]) && (
        <div className={styles.wide}>
          <ProblemNote error={problem} />
        </div>
      )}
    </form>
  );
}
