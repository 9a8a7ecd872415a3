import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test, vi } from "vitest";

import type { Connector } from "@/api/types";
import { connector, failedLadder, finding, ladder, recorded } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

import { ConnectorList } from "./connector-list";

afterEach(cleanup);

const CHECK = "POST /api/clients/c1/connectors/n1/check";
const AROUND = { "/api/exchanges": { exchanges: [] }, "/api/findings?state=open": { findings: [], next: null } };

function show(change: Partial<Connector>, answers: Record<string, unknown> = {}) {
  return renderPage(<ConnectorList connectors={[connector({ ipv4_only: true, ...change })]} onEdit={() => undefined} />, { ...AROUND, ...answers });
}

test("what is known of the key, never the key", () => {
  show({});
  const facts = screen.getByTestId("key-facts").textContent;
  for (const part of ["bridge-2026", "ends in x9k2", "by operator@example.com", "never yet", "IPv4 only"]) expect(facts).toContain(part);
});

test("a check that passes is one line, its steps on demand", async () => {
  show({}, { [CHECK]: { ladder: ladder() } });
  await userEvent.click(screen.getByTestId("check-connector"));
  expect((await screen.findByTestId("check-line")).textContent).toContain("2 steps passed in 412 ms, 9 requests to the exchange");
  expect(screen.queryByTestId("ladder")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show the steps" }));
  expect(screen.getAllByTestId("step")).toHaveLength(2);
});

test("one that fails shows every step at once", async () => {
  const { container } = show({}, { [CHECK]: { ladder: failedLadder() } });
  await userEvent.click(screen.getByTestId("check-connector"));
  expect((await screen.findByTestId("ladder")).dataset.passed).toBe("false");
  // the list stands under a heading of its page
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false }, "heading-order": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("its finding has the operator's note, from the list of open ones", async () => {
  const noted = finding({ history: { id: "f1", count: 1, note: "We told Coinstore." } });
  show({ finding: finding() }, { "/api/findings?state=open": { findings: [recorded({ finding: noted })], next: null } });
  expect((await screen.findByTestId("finding-note")).textContent).toContain("We told Coinstore.");
});

const FOREIGN = finding({ code: "account.foreign_order", title: "An order on this account is not ours" });

test("what is not ours holds new orders until a person answers for it, in two presses", async () => {
  show({ strangers: [FOREIGN] });
  expect(screen.getByTestId("strangers").textContent).toContain("An order on this account is not ours");
  const asked = serve({ ...AROUND, "PUT /api/clients/c1/connectors/n1": { id: "n1", check: null } });
  await userEvent.click(screen.getByRole("button", { name: "These are known" }));
  expect(asked.some((one) => one.method === "PUT")).toBe(false);
  await userEvent.click(screen.getByRole("button", { name: "Known: let new orders on coinstore go on" }));
  await vi.waitFor(() => expect(asked.find((one) => one.method === "PUT")?.body).toEqual({ answers_for_strangers: true }));
});

test("that its exchange closes is told with the day, whatever else is told", () => {
  const ends = finding({ code: "exchange.closing", title: "BitMart is closing: the last day to withdraw is 2027-01-31" });
  show({ ends, finding: finding() });
  expect(screen.getAllByTestId("finding").map((one) => one.dataset.code)).toContain("exchange.closing");
  expect(screen.getByText(/2027-01-31/)).toBeTruthy();
});

const LYING = {
  connector_id: "n1",
  status: "ok",
  balances: { USDT: { available: "4000", locked: "0" }, SHARP: { available: "249990.5", locked: "9.5" } },
  wallet: "spot",
  as_of: "2026-11-21T10:00:00Z",
  age_seconds: 1.2,
  finding: null,
};
const ENDS = finding({ code: "exchange.closing", title: "BitMart is closing" });

test("where its exchange closes, what still lies there is shown", async () => {
  show({ ends: ENDS }, { "/api/clients/c1/connectors/n1/balances": LYING });
  const table = await screen.findByTestId("holdings");
  const rows = [...table.querySelectorAll("tbody tr")].map((row) => row.textContent);
  expect(rows).toEqual(["SHARP249990.59.5", "USDT40000"]);
  expect(screen.getByTestId("age").textContent).toContain("Read at");
});

test("what is unknown there is no number", async () => {
  const why = finding({ code: "exchange.unreachable", title: "BitMart does not answer" });
  const unknown = { ...LYING, status: "unknown", balances: null, wallet: null, as_of: null, age_seconds: null, finding: why };
  show({ ends: ENDS }, { "/api/clients/c1/connectors/n1/balances": unknown });
  const account = await screen.findByTestId("account-holdings");
  expect(account.dataset.reading).toBe("unknown");
  expect(account.querySelector("[data-amount]")).toBeNull();
  expect(account.textContent).toContain("BitMart does not answer");
});

test("a finding that is told by name above is not told twice", () => {
  show({ finding: FOREIGN, strangers: [FOREIGN] });
  expect(screen.getAllByTestId("finding")).toHaveLength(1);
});
