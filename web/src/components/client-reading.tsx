import { useState, type SyntheticEvent } from "react";

import { useSetNote } from "@/api/findings";
import type { Finding } from "@/api/types";

import styles from "./client-reading.module.css";
import { ProblemNote } from "./problem-note";
import { Button } from "./ui/button";
import { TextArea } from "./ui/field";

const NOTE_MAX = 280;

/** The words that the client sees for this finding, and the operator's own beside them. */
export function ClientReading({ finding }: { finding: Finding }) {
  return (
    <div className={styles.reading} data-testid="for-client">
      <blockquote className={styles.words}>
        <p>{finding.for_client.text}</p>
        <p>{finding.for_client.money}</p>
      </blockquote>
      {finding.history === null ? (
        <p className={styles.quiet}>A note can be pinned once the finding is recorded, within a second or two.</p>
      ) : (
        <NoteForm key={finding.history.note} findingId={finding.history.id} note={finding.history.note ?? ""} />
      )}
    </div>
  );
}

function NoteForm({ findingId, note }: { findingId: string; note: string }) {
  const [text, setText] = useState(note);
  const save = useSetNote(findingId);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate(text);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextArea
        label="Your note"
        hint="The client reads it beside these words. Empty: no note."
        rows={2}
        maxLength={NOTE_MAX}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {save.isError && <ProblemNote error={save.error} />}
      <div>
        <Button type="submit" small busy={save.isPending} disabled={text.trim() === note}>
          Save note
        </Button>
      </div>
    </form>
  );
}
