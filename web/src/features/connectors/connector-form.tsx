import { useState, type SyntheticEvent } from "react";
import { Link } from "react-router";

import { useDeleteConnector, useExchanges, useSaveConnector } from "@/api/clients";
import { asProblem, type Problem } from "@/api/http";
import type { Connector, ConnectorDraft, ManualTrading } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { CheckField, SelectField, TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

import { CheckFailed } from "./check-failed";
import { draftOf } from "./draft";

interface Props {
  clientId: string;
  /** null: a new one. */
  connector: Connector | null;
  onDone: () => void;
}

const PLAIN_FIELDS = ["name", "exchange", "key_label", "base_url", "proxy_url", "ipv4_only", "timeout_s", "manual_trading"];

/** By certification; nothing is said of what is proved. */
const CERTIFICATION_HINTS: Record<string, string | undefined> = {
  none: "Not certified: balances are read as ccxt reads them. Nothing of it is proved here, so no bot starts on it.",
  replayed: "Proved on recorded answers of this exchange, not against one that trades.",
};

const MANUAL_HINTS: Record<ManualTrading, string> = {
  none: "An order or trade that is not ours is critical at once, the sign of a stolen key, and holds new orders.",
  expected: "Orders and trades of people are shown, counted and left alone, without an alarm.",
};

/**
 * A client's key at an exchange. Secrets go in and never come back: on an edit an empty field keeps what is stored. The
 * server checks the key before it saves it; one that fails is saved only by a second, separate step.
 */
export function ConnectorForm({ clientId, connector, onDone }: Props) {
  const exchanges = useExchanges();
  const [exchangeId, setExchangeId] = useState(connector?.exchange ?? "");
  const [name, setName] = useState(connector?.name ?? "");
  const [keyLabel, setKeyLabel] = useState(connector?.key_label ?? "");
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [baseUrl, setBaseUrl] = useState(connector?.base_url ?? "");
  const [proxyUrl, setProxyUrl] = useState("");
  const [dropProxy, setDropProxy] = useState(false);
  const [ipv4Only, setIpv4Only] = useState(connector?.ipv4_only ?? false);
  const [timeout, chooseTimeout] = useState(connector?.timeout_s?.toString() ?? "");
  const [manualTrading, setManualTrading] = useState(connector?.manual_trading ?? "none");
  const save = useSaveConnector(clientId, connector?.id ?? null);
  const exchange = exchanges.data?.find((one) => one.id === exchangeId) ?? exchanges.data?.[0];
  const credentials = exchange?.credential_fields ?? [];
  // kept while the next try is under way: what was found stays on the page
  const [refused, setRefused] = useState<{ problem: Problem; draft: ConnectorDraft } | null>(null);
  const problem = refused?.problem ?? null;
  const failed = problem?.ladder ?? null;
  const draft =
    exchange === undefined
      ? null
      : draftOf({ isNew: connector === null, exchange: exchange.id, name, keyLabel, secrets, baseUrl, proxyUrl, dropProxy, ipv4Only, timeout, manualTrading });

  const send = (given: ConnectorDraft, anyway: boolean) =>
    save.mutate(anyway ? { ...given, save_anyway: true } : given, {
      onSuccess: onDone,
      onError: (error) => setRefused({ problem: asProblem(error), draft: given }),
    });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (draft !== null) send(draft, false);
  };

  return (
    <form className={form.form} onSubmit={submit} autoComplete="off" data-testid="connector-form">
      {connector === null && (
        <SelectField
          label="Exchange"
          name="exchange"
          value={exchange?.id ?? ""}
          onChange={(event) => setExchangeId(event.target.value)}
          error={errorOf(problem, "exchange")}
          hint={
            <>
              {exchange === undefined ? undefined : CERTIFICATION_HINTS[exchange.certification]}{" "}
              {exchange?.field_checked != null && !exchange.field_checked.sandbox && `Field-checked here on ${exchange.field_checked.at.slice(0, 10)}. `}
              <Link to="/exchanges" target="_blank">
                What each offers
              </Link>
            </>
          }
        >
          {exchanges.data?.map((one) => (
            <option key={one.id} value={one.id}>
              {one.label}
              {one.life.state === "active" ? "" : ` (${one.life.state})`}
            </option>
          ))}
        </SelectField>
      )}
      {exchanges.isError && <ProblemNote error={exchanges.error} />}
      <TextField
        label="Name"
        name="name"
        placeholder={exchange?.id}
        hint="Bots name it. Empty: the exchange's own id. A second key at one exchange needs a name of its own."
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={errorOf(problem, "name")}
      />
      <fieldset className={form.set}>
        <legend>Key</legend>
        {connector !== null && (
          <p className={form.aside}>
            {connector.key_last4 === null ? "No key is stored." : `The stored key ends in ${connector.key_last4}.`} Leave
            these empty to keep it; a new key needs all of them.
          </p>
        )}
        {credentials.map((field) => (
          <TextField
            key={field.name}
            label={field.label}
            name={field.name}
            type={field.secret ? "password" : "text"}
            required={connector === null && field.required}
            autoComplete={field.secret ? "new-password" : "off"}
            spellCheck={false}
            value={secrets[field.name] ?? ""}
            onChange={(event) => setSecrets((old) => ({ ...old, [field.name]: event.target.value }))}
            error={errorOf(problem, field.name)}
          />
        ))}
        <TextField
          label="What the key is called at the exchange (optional)"
          name="key_label"
          autoComplete="off"
          maxLength={80}
          hint="So that people can find it in the exchange's list of keys."
          value={keyLabel}
          onChange={(event) => setKeyLabel(event.target.value)}
          error={errorOf(problem, "key_label")}
        />
        <p className={form.aside}>Tick Read and Trade for this key at the exchange, and leave Withdraw off.</p>
      </fieldset>
      <SelectField
        label="Trading by hand"
        name="manual_trading"
        value={manualTrading}
        onChange={(event) => setManualTrading(event.target.value === "expected" ? "expected" : "none")}
        hint={MANUAL_HINTS[manualTrading]}
        error={errorOf(problem, "manual_trading")}
      >
        <option value="none">Nobody trades on this account by hand</option>
        <option value="expected">People trade on this account by hand</option>
      </SelectField>
      <fieldset className={form.set}>
        <legend>Way to the exchange</legend>
        <CheckField
          label="IPv4 only"
          name="ipv4_only"
          hint="For keys that are bound to an IPv4 address."
          checked={ipv4Only}
          onChange={(event) => setIpv4Only(event.target.checked)}
        />
        <TextField
          label="Seconds that an answer is waited for"
          name="timeout_s"
          type="number"
          min={2}
          max={30}
          autoComplete="off"
          placeholder="5, and 10 for orders"
          hint="2 to 30, for slow ways. Books, balances and open orders are never waited for longer than 5 s. Empty: the platform's own."
          value={timeout}
          onChange={(event) => chooseTimeout(event.target.value)}
          error={errorOf(problem, "timeout_s")}
        />
        <TextField
          label="Proxy address"
          name="proxy_url"
          type="url"
          placeholder={connector?.has_proxy === true ? "stored; not shown" : "http://user:password@host:port"}
          disabled={dropProxy}
          spellCheck={false}
          hint="http, https, socks5 or socks5h, which has the proxy look names up. All calls go by it or not at all. Stored encrypted. Empty: no change."
          value={proxyUrl}
          onChange={(event) => setProxyUrl(event.target.value)}
          error={errorOf(problem, "proxy_url")}
        />
        {connector?.has_proxy === true && (
          <CheckField
            label="Remove the stored proxy"
            checked={dropProxy}
            onChange={(event) => setDropProxy(event.target.checked)}
          />
        )}
        <TextField
          label="Base URL"
          name="base_url"
          type="url"
          placeholder="the exchange's own"
          spellCheck={false}
          hint="Another host than the exchange's own, such as the sandbox. Every page then names it. A private address needs the operator's leave."
          value={baseUrl}
          onChange={(event) => setBaseUrl(event.target.value)}
          error={errorOf(problem, "base_url")}
        />
      </fieldset>
      {problem !== null && failed !== null && draft !== null && (
        <CheckFailed
          problem={problem}
          ladder={failed}
          changed={JSON.stringify(draft) !== JSON.stringify(refused?.draft)}
          busy={save.isPending}
          onSaveAnyway={() => send(draft, true)}
        />
      )}
      {problem !== null && failed === null && !allShown(problem, [...PLAIN_FIELDS, ...credentials.map((one) => one.name)]) && (
        <ProblemNote error={problem} />
      )}
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={save.isPending}>
          {save.isPending ? "Checking the key" : connector === null ? "Add connector" : "Save connector"}
        </Button>
        {connector !== null && <DeleteButton clientId={clientId} connector={connector} onDone={onDone} />}
      </div>
    </form>
  );
}

function DeleteButton({ clientId, connector, onDone }: { clientId: string; connector: Connector; onDone: () => void }) {
  const remove = useDeleteConnector(clientId, connector.id);
  return (
    <>
      {remove.isError && <ProblemNote error={remove.error} />}
      <ConfirmButton
        label="Delete connector"
        confirm={`Delete ${connector.name} and wipe its key`}
        busy={remove.isPending}
        onConfirm={() => remove.mutate(undefined, { onSuccess: onDone })}
      />
    </>
  );
}
