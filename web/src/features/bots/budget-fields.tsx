import form from "@/components/form.module.css";
import { TextField } from "@/components/ui/field";

import type { Given } from "./budget";
import { currencies } from "./pair";

interface Props {
  pair: string;
  value: Given;
  onChange: (value: Given) => void;
  errorOf: (field: string) => string | undefined;
}

/** What the bot may have in orders and inventory: both amounts or none. */
export function BudgetFields({ pair, value, onChange, errorOf }: Props) {
  const [base, quote] = currencies(pair.trim()) ?? ["base currency", "quote currency"];
  const either = value.base.trim() !== "" || value.quote.trim() !== "";
  return (
    <fieldset className={form.set}>
      <legend>Budget</legend>
      <p className={form.aside}>
        What this bot may have in orders and inventory; its own fills move it. Needed where several bots run on one
        exchange account. Both empty: the whole account.
      </p>
      <TextField
        label={`In ${base === "" ? "base currency" : base}`}
        name="budget.base"
        inputMode="decimal"
        autoComplete="off"
        required={either}
        value={value.base}
        onChange={(event) => onChange({ ...value, base: event.target.value })}
        error={errorOf("budget.base") ?? errorOf("budget")}
      />
      <TextField
        label={`In ${quote === "" ? "quote currency" : quote}`}
        name="budget.quote"
        inputMode="decimal"
        autoComplete="off"
        required={either}
        value={value.quote}
        onChange={(event) => onChange({ ...value, quote: event.target.value })}
        error={errorOf("budget.quote")}
      />
    </fieldset>
  );
}
