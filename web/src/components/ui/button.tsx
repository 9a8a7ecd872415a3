import type { ButtonHTMLAttributes } from "react";

import { classNames } from "@/lib/class-names";

import styles from "./button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `stop`: the one press that ends trading. */
  look?: "primary" | "plain" | "danger" | "stop" | "bare";
  small?: boolean;
  /** Under way: shown, and not pressed twice. */
  busy?: boolean;
}

export function Button({ look = "plain", small = false, busy = false, className, type = "button", disabled, children, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={classNames(styles.button, styles[look], small && styles.small, className)}
      disabled={disabled === true || busy}
      aria-busy={busy}
    >
      {children}
    </button>
  );
}
