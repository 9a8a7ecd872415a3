import { useState } from "react";

import { useLimits } from "@/api/limits";
import type { Limit, Limits, Scope } from "@/api/types";
import { Amount } from "@/components/amount";
import { BehindNote } from "@/components/behind-note";
import { ProblemNote } from "@/components/problem-note";
import { botsOf } from "@/components/scope-words";
import { Button } from "@/components/ui/button";
import { Loading } from "@/components/ui/placeholder";

import { Counters } from "./counters";
import { LimitForm } from "./limit-form";
import { groups, shown, SOURCES, unitWord } from "./limit-words";
import styles from "./limits.module.css";

interface Props {
  scope: Scope;
  /** Currency of amounts; null: each market has its own. */
  quote: string | null;
}

/** What bounds the scope, who set it, and how much of it is used. */
export function LimitsPanel({ scope, quote }: Props) {
  const book = useLimits(scope);
  const [editing, setEditing] = useState(false);
  if (book.data === undefined) return book.isError ? <ProblemNote error={book.error} /> : <Loading what="limits" rows={6} />;
  return (
    <div className={styles.panel} data-testid="limits">
      {book.isError && <BehindNote error={book.error} receivedAt={book.dataUpdatedAt} />}
      <Counters book={book.data} />
      {editing ? (
        <LimitForm scope={scope} book={book.data} quote={quote} onDone={() => setEditing(false)} />
      ) : (
        <>
          <Groups book={book.data} quote={quote} />
          <div>
            <Button small onClick={() => setEditing(true)} aria-label={`Change the limits of ${botsOf(scope)}`} data-testid="edit-limits">
              Change limits
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function Groups({ book, quote }: { book: Limits; quote: string | null }) {
  return groups(book.limits).map(({ title, limits }) => (
    <table key={title} className={styles.limits}>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Limit</th>
          <th scope="col" className={styles.number}>
            Value
          </th>
          <th scope="col" className={styles.number}>
            Default
          </th>
          <th scope="col">Set by</th>
        </tr>
      </thead>
      <tbody>
        {limits.map((one) => (
          <tr key={one.name} data-testid={`limit-${one.name}`} className={one.source === "default" ? undefined : styles.set}>
            <th scope="row">
              {one.text} <code>{one.name}</code>
            </th>
            <td className={styles.number} data-label="Value">
              <Value value={one.value} unit={one.unit} quote={quote} />
            </td>
            <td className={styles.number} data-label="Default">
              <Value value={one.default} unit={one.unit} quote={quote} />
            </td>
            <td data-label="Set by">{SOURCES[one.source]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  ));
}

function Value({ value, unit, quote }: { value: string | null; unit: Limit["unit"]; quote: string | null }) {
  if (value === null) return <>no limit</>;
  const word = unitWord(unit, quote);
  return <Amount value={shown(value, unit)} {...(word === "" ? {} : { currency: word })} />;
}
