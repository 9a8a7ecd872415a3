import { useState, type SyntheticEvent } from "react";

import { useBotTypes, useCreateBot } from "@/api/bots";
import { useClients, useConnectors, useExchanges } from "@/api/clients";
import { asProblem } from "@/api/http";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

import { BUDGET_FIELDS, budgetOf, NO_BUDGET } from "./budget";
import { BudgetFields } from "./budget-fields";
import { ConfigFields, NoteField } from "./config-fields";
import { configOf, settings } from "./config-schema";

interface Props {
  /** The client that it is for; null: to be chosen. */
  account: string | null;
  onDone: () => void;
}

export function BotForm({ account: fixed, onDone }: Props) {
  const [account, setAccount] = useState(fixed ?? "");
  const [name, setName] = useState("");
  const [connector, setConnector] = useState("");
  const [pair, setPair] = useState("");
  const [note, setNote] = useState("");
  const [typeId, setTypeId] = useState("");
  const [config, setConfig] = useState<Record<string, string>>({});
  const [budget, setBudget] = useState(NO_BUDGET);
  const types = useBotTypes();
  const create = useCreateBot();

  const startable = types.data?.find((one) => one.startable);
  const type = types.data?.find((one) => one.id === typeId) ?? startable ?? types.data?.[0];
  const fields = type === undefined ? [] : settings(type);
  const problem = create.isError ? asProblem(create.error) : null;
  const shown = ["account", "name", "connector", "pair", "bot_type", "note", ...BUDGET_FIELDS, ...fields.map((one) => one.key)];

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (type === undefined) return;
    const chosen = configOf(fields, config);
    const wanted = budgetOf(budget);
    create.mutate(
      {
        name,
        account,
        connector,
        pair: pair.trim(),
        bot_type: type.id,
        ...(note.trim() === "" ? {} : { note }),
        ...(Object.keys(chosen).length === 0 ? {} : { config: chosen }),
        ...(wanted === null ? {} : { budget: wanted }),
      },
      { onSuccess: onDone },
    );
  };

  return (
    <form className={form.form} onSubmit={submit} data-testid="bot-form">
      {fixed === null && <ClientField value={account} onChange={setAccount} error={errorOf(problem, "account")} />}
      <TextField
        label="Name"
        name="name"
        required
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={errorOf(problem, "name")}
      />
      <ConnectorField account={account} value={connector} onChange={setConnector} error={errorOf(problem, "connector")} />
      <TextField
        label="Pair"
        name="pair"
        required
        autoComplete="off"
        placeholder="SHARP/USDT"
        hint="Base and quote with a slash between them."
        value={pair}
        onChange={(event) => setPair(event.target.value)}
        error={errorOf(problem, "pair")}
      />
      <SelectField
        label="Type"
        name="bot_type"
        value={type?.id ?? ""}
        onChange={(event) => {
          setTypeId(event.target.value);
          setConfig({});
        }}
        error={errorOf(problem, "bot_type")}
        hint={type?.startable === false ? "It can be stored and shown; this version cannot start it yet." : undefined}
      >
        {types.data?.map((one) => (
          <option key={one.id} value={one.id}>
            {one.label}
          </option>
        ))}
      </SelectField>
      {types.isError && <ProblemNote error={types.error} />}
      <NoteField value={note} onChange={setNote} error={errorOf(problem, "note")} />
      <BudgetFields pair={pair} value={budget} onChange={setBudget} errorOf={(field) => errorOf(problem, field)} />
      {fields.length > 0 && (
        <fieldset className={form.set}>
          <legend>Settings</legend>
          <ConfigFields
            settings={fields}
            values={config}
            onChange={(key, value) => setConfig((old) => ({ ...old, [key]: value }))}
            errorOf={(field) => errorOf(problem, field)}
          />
        </fieldset>
      )}
      {problem !== null && !allShown(problem, shown) && <ProblemNote error={problem} />}
      <p className={form.aside}>A new bot is stored stopped. It trades when you start it.</p>
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={create.isPending}>
          Create bot
        </Button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

function ClientField({ value, onChange, error }: ChoiceProps) {
  const clients = useClients();
  return (
    <SelectField label="Client" name="account" required value={value} onChange={(event) => onChange(event.target.value)} error={error}>
      <option value="" disabled>
        {clients.isPending ? "Loading clients" : "Choose a client"}
      </option>
      {clients.data?.map((client) => (
        <option key={client.id} value={client.account}>
          {client.name} ({client.account})
        </option>
      ))}
    </SelectField>
  );
}

/** The client's own keys first, then exchanges that it has no key for: a bot may wait for its key. */
function ConnectorField({ account, value, onChange, error }: ChoiceProps & { account: string }) {
  const client = useClients().data?.find((one) => one.account === account);
  const connectors = useConnectors(client?.id ?? null).data ?? [];
  const exchanges = useExchanges().data ?? [];
  const label = (id: string) => exchanges.find((one) => one.id === id)?.label ?? id;
  const without = exchanges.filter((one) => !connectors.some((held) => held.exchange === one.id));
  const missing = without.some((one) => one.id === value);
  return (
    <SelectField
      label="Connector"
      name="connector"
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={error}
      hint={missing ? "This client has no key there yet. The bot can be stored, and starts once a key is added." : undefined}
    >
      <option value="" disabled>
        Choose where it trades
      </option>
      {connectors.length > 0 && (
        <optgroup label="Keys of this client">
          {connectors.map((held) => (
            <option key={held.id} value={held.name}>
              {held.name}
              {held.name === held.exchange ? "" : ` at ${label(held.exchange)}`}
              {held.host_label === null ? "" : ` (${held.host_label})`}
            </option>
          ))}
        </optgroup>
      )}
      {without.length > 0 && (
        <optgroup label="Exchanges without a key">
          {without.map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
              {one.life.state === "active" ? "" : ` (${one.life.state})`}
            </option>
          ))}
        </optgroup>
      )}
    </SelectField>
  );
}
