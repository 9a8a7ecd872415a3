import { useState, type SyntheticEvent } from "react";

import { useBotTypes, useDeleteBot, useUpdateBot } from "@/api/bots";
import { asProblem } from "@/api/http";
import type { Bot } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

import { BUDGET_FIELDS, changeOf, givenOf } from "./budget";
import { BudgetFields } from "./budget-fields";
import { ConfigFields, NoteField } from "./config-fields";
import { asText, configOf, settings } from "./config-schema";

interface Props {
  bot: Bot;
  onDone: () => void;
  onDeleted: () => void;
}

/** Name and settings of a bot, and its end. */
export function BotSettings({ bot, onDone, onDeleted }: Props) {
  const [name, setName] = useState(bot.name);
  const [note, setNote] = useState(bot.note ?? "");
  const [config, setConfig] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(bot.config).map(([key, value]) => [key, asText(value)])),
  );
  const [budget, setBudget] = useState(() => givenOf(bot.budget));
  const types = useBotTypes();
  const update = useUpdateBot(bot.id);
  const remove = useDeleteBot(bot.id);
  const type = types.data?.find((one) => one.id === bot.bot_type);
  const fields = type === undefined ? [] : settings(type);
  const problem = update.isError ? asProblem(update.error) : null;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    update.mutate({ name, note, config: configOf(fields, config), ...changeOf(bot.budget, budget) }, { onSuccess: onDone });
  };

  return (
    <form className={form.form} onSubmit={submit} data-testid="bot-settings">
      <TextField
        label="Name"
        name="name"
        required
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={errorOf(problem, "name")}
      />
      <NoteField value={note} onChange={setNote} error={errorOf(problem, "note")} />
      {types.isError && <ProblemNote error={types.error} />}
      <ConfigFields
        settings={fields}
        values={config}
        onChange={(key, value) => setConfig((old) => ({ ...old, [key]: value }))}
        errorOf={(field) => errorOf(problem, field)}
      />
      <BudgetFields pair={bot.pair} value={budget} onChange={setBudget} errorOf={(field) => errorOf(problem, field)} />
      {problem !== null && !allShown(problem, ["name", "note", ...BUDGET_FIELDS, ...fields.map((one) => one.key)]) && <ProblemNote error={problem} />}
      {bot.status === "running" && (
        <p className={form.aside}>The bot is running: new settings hold from its next cycle on, and move its orders.</p>
      )}
      {remove.isError && <ProblemNote error={remove.error} />}
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={update.isPending} disabled={type === undefined}>
          Save settings
        </Button>
        <ConfirmButton
          label="Archive bot"
          confirm={`Archive ${bot.name}`}
          busy={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSuccess: onDeleted })}
        />
      </div>
    </form>
  );
}
