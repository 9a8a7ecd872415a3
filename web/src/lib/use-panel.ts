import { useCallback } from "react";
import { useSearchParams } from "react-router";

export interface Panel {
  /** Which form is open, such as `new-client`; null: none. */
  name: string | null;
  /** The id of what it is about. */
  subject: string | null;
  open: (name: string, subject?: string) => void;
  close: () => void;
}

/** The open form is part of the address: Back closes it, a link opens it. */
export function usePanel(): Panel {
  const [params, setParams] = useSearchParams();
  const open = useCallback(
    (name: string, subject?: string) =>
      setParams((old) => {
        const next = new URLSearchParams(old);
        next.set("panel", name);
        if (subject === undefined) next.delete("subject");
        else next.set("subject", subject);
        return next;
      }),
    [setParams],
  );
  const close = useCallback(
    () =>
      setParams(
        (old) => {
          const next = new URLSearchParams(old);
          next.delete("panel");
          next.delete("subject");
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { name: params.get("panel"), subject: params.get("subject"), open, close };
}
