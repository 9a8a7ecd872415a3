import form from "@/components/form.module.css";
import { CheckField, SelectField, TextField } from "@/components/ui/field";
import { sentence } from "@/lib/text";

import { grouped, type Setting } from "./config-schema";

interface Props {
  settings: readonly Setting[];
  values: Readonly<Record<string, string>>;
  onChange: (key: string, value: string) => void;
  errorOf: (field: string) => string | undefined;
}

/** A field per setting, by groups; an empty one takes the default that it shows. */
export function ConfigFields({ settings, ...rest }: Props) {
  return grouped(settings).map(({ name, settings: of }) =>
    name === null ? (
      <Fields key="" settings={of} {...rest} />
    ) : (
      <fieldset key={name} className={form.set}>
        <legend>{name}</legend>
        <Fields settings={of} {...rest} />
      </fieldset>
    ),
  );
}

function Fields({ settings, values, onChange, errorOf }: Props) {
  return settings.map((setting) => {
    const { key, label, kind, choices, byDefault } = setting;
    const value = values[key] ?? "";
    const frame = { label, hint: hint(setting), error: errorOf(key), name: `config.${key}` };
    switch (kind) {
      case "choice":
        return (
          <SelectField key={key} {...frame} value={value} onChange={(event) => onChange(key, event.target.value)}>
            <option value="">{byDefault === null ? "Not set" : `Default: ${byDefault}`}</option>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </SelectField>
        );
      case "flag":
        return (
          <CheckField
            key={key}
            {...frame}
            checked={value === "" ? byDefault === "true" : value === "true"}
            onChange={(event) => onChange(key, String(event.target.checked))}
          />
        );
      case "decimal":
      case "text":
        return (
          <TextField
            key={key}
            {...frame}
            value={value}
            placeholder={byDefault ?? ""}
            required={setting.required}
            inputMode={kind === "decimal" ? "decimal" : "text"}
            autoComplete="off"
            onChange={(event) => onChange(key, event.target.value)}
          />
        );
    }
  });
}

interface NoteProps {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

export function NoteField({ value, onChange, error }: NoteProps) {
  return (
    <TextField
      label="Note"
      name="note"
      autoComplete="off"
      hint="Shown to the client beside the bot."
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={error}
    />
  );
}

function hint({ hint: text, range, byDefault }: Setting): string {
  const parts = [text, range === null ? null : `${sentence(range)}.`, byDefault === null ? null : `Default ${byDefault}.`];
  return parts.filter((part) => part !== null).join(" ");
}
