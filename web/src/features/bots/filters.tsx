import { Button } from "@/components/ui/button";
import type { Bot } from "@/api/types";
import { useUrlState, useUrlText } from "@/lib/use-url-state";

import styles from "./filters.module.css";
import { isShown, SHOWS, SORTS, type Show, type Sort, type Wish } from "./trouble";

const SHOW_LABELS: Record<Show, string> = {
  all: "All",
  attention: "Needs attention",
  running: "Running",
  stopped: "Stopped",
};

const SORT_LABELS: Record<Sort, string> = {
  trouble: "Trouble first",
  name: "Name",
  client: "Client",
  newest: "Newest first",
};

export interface FilterState {
  wish: Wish;
  setShow: (show: Show) => void;
  setSort: (sort: Sort) => void;
  setClient: (account: string) => void;
  setText: (text: string) => void;
}

/** Filters and order live in the address. */
export function useFilters(): FilterState {
  const [show, setShow] = useUrlState("show", SHOWS, "all");
  const [sort, setSort] = useUrlState("sort", SORTS, "trouble");
  const [client, setClient] = useUrlText("client");
  const [text, setText] = useUrlText("q");
  return { wish: { show, sort, client, text }, setShow, setSort, setClient, setText };
}

interface Props {
  bots: readonly Bot[];
  filters: FilterState;
  /** Offered where bots of several clients are listed. */
  accounts?: readonly string[];
}

export function Filters({ bots, filters, accounts }: Props) {
  const { wish, setShow, setSort, setClient, setText } = filters;
  const sorts = accounts === undefined ? SORTS.filter((one) => one !== "client") : SORTS;
  return (
    <div className={styles.bar} role="search">
      <div className={styles.shows} role="group" aria-label="Show">
        {SHOWS.map((show) => (
          <Button
            key={show}
            small
            look="bare"
            aria-pressed={wish.show === show}
            onClick={() => setShow(show)}
            data-testid={`show-${show}`}
          >
            {SHOW_LABELS[show]} <span>{bots.filter((bot) => isShown(bot, show)).length}</span>
          </Button>
        ))}
      </div>
      <label>
        <span className="visually-hidden">Find</span>
        <input type="search" placeholder="Find a bot, pair, client" value={wish.text} onChange={(event) => setText(event.target.value)} />
      </label>
      {accounts !== undefined && (
        <label>
          <span className="visually-hidden">Client</span>
          <select value={wish.client} onChange={(event) => setClient(event.target.value)}>
            <option value="">All clients</option>
            {accounts.map((account) => (
              <option key={account}>{account}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        <span className="visually-hidden">Order</span>
        <select value={wish.sort} data-testid="sort" onChange={(event) => setSort(sorts.find((one) => one === event.target.value) ?? "trouble")}>
          {sorts.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_LABELS[sort]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
