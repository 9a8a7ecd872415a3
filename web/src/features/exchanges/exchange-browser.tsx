import { useExchanges } from "@/api/clients";
import type { Exchange } from "@/api/types";
import { BehindNote } from "@/components/behind-note";
import { ProblemNote } from "@/components/problem-note";
import { ScrollArea } from "@/components/scroll-area";
import { Empty, Loading } from "@/components/ui/placeholder";
import { useUrlState, useUrlText } from "@/lib/use-url-state";

import styles from "./exchanges.module.css";

const LEVELS = ["all", "sandboxed", "replayed", "none"] as const;
const LEVEL_LABELS: Record<(typeof LEVELS)[number], string> = {
  all: "All",
  sandboxed: "Proved in the sandbox",
  replayed: "Proved on recorded answers",
  none: "Not certified: no bots",
};

/** Filters stand in the address: name in `search`, certification in `level`. */
export function ExchangeBrowser() {
  const exchanges = useExchanges();
  const [search, setSearch] = useUrlText("search");
  const [level, setLevel] = useUrlState("level", LEVELS, "all");
  if (exchanges.data === undefined) return exchanges.isError ? <ProblemNote error={exchanges.error} /> : <Loading what="exchanges" rows={8} />;
  const wanted = search.trim().toLowerCase();
  const fitting = exchanges.data.filter(
    (one) => (level === "all" || one.certification === level) && `${one.id} ${one.label}`.toLowerCase().includes(wanted),
  );
  return (
    <div className="stack">
      {exchanges.isError && <BehindNote error={exchanges.error} receivedAt={exchanges.dataUpdatedAt} />}
      <div className={styles.bar} role="search">
        <label>
          <span className="visually-hidden">Exchange</span>
          <input type="search" placeholder="Exchange" value={search} onChange={(event) => setSearch(event.target.value)} />
        </label>
        <label>
          <span className="visually-hidden">Certification</span>
          <select value={level} onChange={(event) => setLevel(LEVELS.find((one) => one === event.target.value) ?? "all")}>
            {LEVELS.map((one) => (
              <option key={one} value={one}>
                {LEVEL_LABELS[one]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {fitting.length > 0 ? <ExchangeTable exchanges={fitting} /> : <Empty title="No exchange fits." />}
    </div>
  );
}

function ExchangeTable({ exchanges }: { exchanges: readonly Exchange[] }) {
  return (
    <ScrollArea label="Exchanges">
      <table className={styles.rows}>
        <caption className="visually-hidden">Exchanges, the certified ones first</caption>
        <thead>
          <tr>
            <th scope="col">Exchange</th>
            <th scope="col">Certification</th>
            <th scope="col">A key is</th>
            <th scope="col">Offers</th>
            <th scope="col">Life</th>
          </tr>
        </thead>
        <tbody>
          {exchanges.map((one) => (
            <tr key={one.id} data-testid="exchange">
              <th scope="row">{one.label}</th>
              <td>
                {LEVEL_LABELS[LEVELS.find((known) => known === one.certification) ?? "none"]}
                {one.field_checked !== null && <FieldChecked checked={one.field_checked} />}
              </td>
              <td>{one.credential_fields.map((field) => field.label).join(", ")}</td>
              <td>{offers(one)}</td>
              <td>{life(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function FieldChecked({ checked }: { checked: NonNullable<Exchange["field_checked"]> }) {
  const how = [checked.with_order ? "with an order" : "reads only", checked.sandbox ? "in the sandbox" : null].filter((one) => one !== null);
  return (
    <small className={styles.checked} data-testid="field-checked" title={`trading-bridge ${checked.build}, ccxt ${checked.ccxt}`}>
      Field-checked <time dateTime={checked.at}>{checked.at.slice(0, 10)}</time>, {how.join(", ")}
    </small>
  );
}

function offers(one: Exchange): string {
  const named = Object.keys(one.features).filter((name) => one.features[name] === true);
  return named.map((name) => name.replaceAll("_", " ")).join(", ");
}

function life({ life: { state, withdraw_by: last } }: Exchange): string {
  return last === null ? state : `${state}: withdraw by ${last}`;
}
