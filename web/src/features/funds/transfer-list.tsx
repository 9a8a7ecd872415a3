import { useState } from "react";

import type { Transfer } from "@/api/types";
import { Amount } from "@/components/amount";
import { Button } from "@/components/ui/button";
import { classNames } from "@/lib/class-names";
import { clockTime, fullTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { LabelForm } from "./label-form";
import styles from "./transfers.module.css";
import { hasLeft, LABELS, SOURCES } from "./transfer-words";

/** Movements of money on two lines each. */
export function TransferList({ transfers }: { transfers: readonly Transfer[] }) {
  return (
    <ul className={styles.list} data-testid="transfer-list">
      {transfers.map((one) => (
        <Row key={one.id} transfer={one} />
      ))}
    </ul>
  );
}

function Row({ transfer }: { transfer: Transfer }) {
  const [open, setOpen] = useState(false);
  const left = hasLeft(transfer);
  const form = transfer.label === null || open;
  return (
    <li
      className={classNames(styles.row, transfer.label === null && (left ? styles.left : styles.open))}
      data-testid="transfer"
      data-label={transfer.label ?? "none"}
    >
      <p className={styles.amount}>
        <span>{left ? "Left" : "Came"}</span> <Amount value={transfer.amount} currency={transfer.currency} />
      </p>
      <div className={styles.what}>
        <What transfer={transfer} />
      </div>
      {transfer.label !== null && (
        <Button small look="bare" aria-expanded={open} onClick={() => setOpen(!open)} aria-label={`Change the label of ${transfer.amount} ${transfer.currency}`}>
          {open ? "Leave it" : "Change"}
        </Button>
      )}
      {form && (
        <div className={styles.wide}>
          <LabelForm key={transfer.label} transfer={transfer} onDone={() => setOpen(false)} />
        </div>
      )}
    </li>
  );
}

function What({ transfer }: { transfer: Transfer }) {
  const now = useNow();
  const { label, labelled_by: by, labelled_at: labelledAt, note, at, exchange_id: record } = transfer;
  return (
    <>
      <p>
        {label === null ? (
          <b>{hasLeft(transfer) ? "Not labelled: new orders of this account wait for it" : "Not labelled"}</b>
        ) : (
          <>
            {LABELS[label]}
            {by !== null && labelledAt !== null && (
              <span className={styles.quiet}>
                , says {by} at {clockTime(labelledAt, now)}
              </span>
            )}
            {note !== null && `: “${note}”`}
          </>
        )}
      </p>
      <p className={styles.quiet}>
        <time dateTime={at} title={fullTime(at)}>
          {clockTime(at, now)}
        </time>
        . {SOURCES[transfer.source]}
        {record !== null && (
          <>
            {" as "}
            <code>{record}</code>
          </>
        )}
        .
      </p>
    </>
  );
}
