import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

import { classNames } from "@/lib/class-names";

import styles from "./field.module.css";

interface Frame {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

function Shell({ label, hint, error, id, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {error !== undefined && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Frame) {
  const by = classNames(error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`);
  return { id, "aria-invalid": error !== undefined, ...(by === "" ? {} : { "aria-describedby": by }) };
}

export function TextField({ label, hint, error, ...rest }: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const frame = { label, hint, error };
  return (
    <Shell {...frame} id={id}>
      <input {...rest} {...described(id, frame)} className={styles.input} />
    </Shell>
  );
}

export function TextArea({ label, hint, error, ...rest }: Frame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const frame = { label, hint, error };
  return (
    <Shell {...frame} id={id}>
      <textarea {...rest} {...described(id, frame)} className={styles.input} />
    </Shell>
  );
}

export function SelectField({ label, hint, error, children, ...rest }: Frame & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const frame = { label, hint, error };
  return (
    <Shell {...frame} id={id}>
      <select {...rest} {...described(id, frame)} className={styles.input}>
        {children}
      </select>
    </Shell>
  );
}

export function CheckField({ label, hint, ...rest }: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={styles.check}>
      <input {...rest} type="checkbox" {...described(id, { label, hint })} />
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}
