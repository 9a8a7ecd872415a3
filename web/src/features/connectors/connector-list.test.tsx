import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test } from "vitest";

import type { Connector } from "@/api/types";
import { failedLadder, finding, ladder, recorded } from "@/testing/made-up";
import { renderPage } from "@/testing/render";

import { ConnectorList } from "./connector-list";

afterEach(cleanup);

const CONNECTOR: Connector = {
  id: "n1",
  client_id: "c1",
  account: "client_sharp",
  name: "coinstore",
  exchange: "coinstore",
  key_last4: "x9k2",
  key_label: "bridge-2026",
  key_set_at: "2026-11-20T10:00:00Z",
  key_set_by: "operator@example.com",
  key_last_success_at: null,
  base_url: null,
  has_proxy: false,
  ipv4_only: true,
  host_label: null,
  exchange_account: null,
  status: "ok",
  as_of: "2026-11-21T10:00:00Z",
  finding: null,
  created_at: "2026-11-20T10:00:00Z",
  updated_at: "2026-11-20T10:00:00Z",
};

const CHECK = "POST /api/clients/c1/connectors/n1/check";
const AROUND = { "/api/exchanges": { exchanges: [] }, "/api/findings?state=open": { findings: [], next: null } };

function show(change: Partial<Connector>, answers: Record<string, unknown> = {}) {
  return renderPage(<ConnectorList connectors={[{ ...CONNECTOR, ...change }]} onEdit={() => undefined} />, { ...AROUND, ...answers });
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
