import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import { ExchangesRoute } from "@/routes/exchanges";
import { renderPage } from "@/testing/render";

afterEach(cleanup);

const ACTIVE = { state: "active", no_new_orders_since: null, last_trading_day: null, withdraw_by: null, source: null };
const KEY = { name: "api_key", label: "API key", required: true, secret: false };
const EXCHANGES = {
  exchanges: [
    { id: "coinstore", label: "Coinstore", certification: "sandboxed", field_checked: { at: "2026-11-22T04:00:00Z", with_order: true, sandbox: false, build: "0.1.0", ccxt: "4.5.71" }, features: { post_only: true, streams: false }, life: ACTIVE, credential_fields: [KEY] },
    {
      id: "bitmart",
      label: "BitMart",
      certification: "sandboxed",
      field_checked: { at: "2026-11-21T04:00:00Z", with_order: false, sandbox: true, build: "0.1.0", ccxt: "4.5.71" },
      features: {},
      life: { ...ACTIVE, state: "closing", withdraw_by: "2027-01-31" },
      credential_fields: [KEY, { name: "memo", label: "Memo", required: true, secret: true }],
    },
    { id: "kraken", label: "Kraken", certification: "none", field_checked: null, features: {}, life: ACTIVE, credential_fields: [KEY] },
  ],
};

test("each exchange says what a key is, what it offers, how far it is proved and how long it lives", async () => {
  renderPage(<ExchangesRoute />, { "/api/exchanges": EXCHANGES });
  const rows = (await screen.findAllByTestId("exchange")).map((row) => row.textContent);
  expect(rows[0]).toContain("post only");
  expect(rows[0]).not.toContain("streams");
  expect(rows[1]).toContain("API key, Memo");
  expect(rows[1]).toContain("closing: withdraw by 2027-01-31");
  expect(rows[2]).toContain("Not certified");
  expect(rows[2]).not.toContain("Field-checked");
  expect(rows[0]).toContain("Field-checked 2026-11-22, with an order");
  expect(rows[1]).toContain("Field-checked 2026-11-21, reads only, in the sandbox");
});

test("it is filtered by name and by certification", async () => {
  renderPage(<ExchangesRoute />, { "/api/exchanges": EXCHANGES });
  await screen.findAllByTestId("exchange");
  await userEvent.type(screen.getByPlaceholderText("Exchange"), "mart");
  expect(screen.getAllByTestId("exchange").length).toBe(1);
  await userEvent.selectOptions(screen.getByLabelText("Certification"), "none");
  expect(screen.queryAllByTestId("exchange").length).toBe(0);
  expect(screen.getByText("No exchange fits.")).not.toBeNull();
});
