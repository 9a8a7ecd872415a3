import { useEffect, useId, useRef, useState } from "react";

import { useEvidenceText } from "@/api/findings";
import { copyText } from "@/lib/clipboard";

import styles from "./copy.module.css";
import { ProblemNote } from "./problem-note";
import { Button } from "./ui/button";

type Copied = "no" | "copied" | "by hand";

/** Copies one short text; where the browser has no clipboard it is offered for copying by hand. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState<Copied>("no");
  const copy = async () => setCopied((await copyText(text)) ? "copied" : "by hand");
  return (
    <>
      <Button small look="bare" onClick={() => void copy()} aria-label={`Copy ${what}`}>
        {copied === "copied" ? "Copied" : "Copy"}
      </Button>
      <Said>{copied === "copied" ? `${what} copied` : ""}</Said>
      {copied === "by hand" && <ByHand text={text} what={what} />}
    </>
  );
}

/** The finding as text that an exchange's support can read. */
export function CopyForSupport({ findingId }: { findingId: string }) {
  const evidence = useEvidenceText(findingId);
  const [copied, setCopied] = useState<Copied>("no");
  const copy = () => {
    setCopied("no");
    evidence.mutate(undefined, {
      onSuccess: ({ text }) => void copyText(text).then((done) => setCopied(done ? "copied" : "by hand")),
    });
  };
  return (
    <>
      <Button small look="bare" busy={evidence.isPending} onClick={copy} data-testid="copy-for-support">
        {copied === "copied" ? "Copied" : "Copy for support"}
      </Button>
      <Said>{copied === "copied" ? "Copied for support" : ""}</Said>
      {evidence.isError && <ProblemNote error={evidence.error} />}
      {copied === "by hand" && evidence.data !== undefined && <ByHand text={evidence.data.text} what="text for support" />}
    </>
  );
}

function Said({ children }: { children: string }) {
  return (
    <span className="visually-hidden" role="status">
      {children}
    </span>
  );
}

function ByHand({ text, what }: { text: string; what: string }) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.select();
  }, []);
  return (
    <div className={styles.byHand}>
      <label htmlFor={id}>This browser lets no page copy here. The {what} is selected: copy it yourself.</label>
      <textarea id={id} ref={box} className={styles.box} readOnly rows={Math.min(12, text.split("\n").length)} value={text} data-testid="copy-by-hand" />
    </div>
  );
}
