import { useEffect, useRef, type ReactNode, type SyntheticEvent } from "react";

import { Button } from "./button";
import styles from "./side-panel.module.css";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A form over the page: the browser's own dialog, so focus stays inside and Escape leaves. */
export function SidePanel({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) {
      element.showModal();
      // the form, not the button that leaves it
      element.querySelector<HTMLElement>("input, select, textarea")?.focus();
    }
    return () => element?.close();
  }, []);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={dialog} className={styles.panel} aria-label={title} onCancel={cancel}>
      <header className={styles.head}>
        <h2>{title}</h2>
        <Button look="bare" small onClick={onClose}>
          Close
        </Button>
      </header>
      <div className={styles.body}>{children}</div>
    </dialog>
  );
}
