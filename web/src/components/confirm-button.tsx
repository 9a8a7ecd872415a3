import { useState } from "react";

import { Button } from "./ui/button";

interface Props {
  label: string;
  /** What the second press does, in full: "Delete key main". */
  confirm: string;
  busy: boolean;
  onConfirm: () => void;
}

/** Asks once more in place; the second press acts. */
export function ConfirmButton({ label, confirm, busy, onConfirm }: Props) {
  const [asked, setAsked] = useState(false);
  const armed = asked || busy;
  return (
    <Button look="danger" busy={busy} onClick={armed ? onConfirm : () => setAsked(true)} onBlur={() => setAsked(false)}>
      {armed ? confirm : label}
    </Button>
  );
}
