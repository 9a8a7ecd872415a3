import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { Transfer } from "@/api/types";
import { connector, transfer } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

import { AccountFunds } from "./account-funds";
import { exchangeAccounts } from "./exchange-accounts";

afterEach(cleanup);

const UNLABELLED = "/api/transfers?connector=n1&unlabelled=true";
const ALL = "/api/transfers?connector=n1";
const LEFT = transfer({ id: "t2", amount: "-1200.5", source: "exchange", exchange_id: "w77" });
const SAID = transfer({ id: "t3", label: "deposit", note: "second tranche", labelled_by: "ann", labelled_at: "2026-11-21T11:00:00Z" });

function show(waiting: Transfer[], all: Transfer[], next: string | null = null) {
  const answers = { "/api/exchanges": { exchanges: [] }, [UNLABELLED]: { transfers: waiting, next: null }, [ALL]: { transfers: all, next } };
  return { answers, ...renderPage(<AccountFunds account={{ first: connector(), names: "coinstore" }} />, answers) };
}

test("what nobody has labelled comes first, and says what waits for it", async () => {
  const { container } = show([LEFT], [SAID, LEFT]);
  await screen.findByText("Labelled");
  const rows = screen.getAllByTestId("transfer");
  expect(rows.map((one) => one.dataset.label)).toEqual(["none", "deposit"]);
  expect(rows[0]?.textContent).toContain("Left -1200.5 USDT");
  expect(rows[0]?.textContent).toContain("new orders of this account wait for it");
  expect(rows[0]?.textContent).toContain("Recorded by the exchange as w77");
  expect(rows[1]?.textContent).toContain("Deposit, says ann");
  expect(rows[1]?.textContent).toContain("“second tranche”");
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false }, "heading-order": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("money that came holds nothing up", async () => {
  show([transfer()], [transfer()]);
  const row = await screen.findByTestId("transfer");
  expect(row.textContent).toContain("Came 500 USDT");
  expect(row.textContent).not.toContain("wait for it");
});

test("a label is chosen by a person, never for them", async () => {
  const { answers } = show([LEFT], [LEFT]);
  const row = await screen.findByTestId("transfer");
  expect(within(row).getByRole("button", { name: "Save label" }).hasAttribute("disabled")).toBe(true);
  const asked = serve({ ...answers, "POST /api/transfers/t2/label": { ...LEFT, label: "withdrawal" } });
  await userEvent.selectOptions(within(row).getByLabelText("What it was"), "Withdrawal");
  await userEvent.type(within(row).getByLabelText("Note (optional)"), " to the treasury ");
  await userEvent.click(within(row).getByRole("button", { name: "Save label" }));
  await vi.waitFor(() =>
    expect(asked.find((one) => one.method === "POST")).toEqual({
      method: "POST",
      path: "/api/transfers/t2/label",
      body: { label: "withdrawal", note: "to the treasury" },
    }),
  );
});

test("a wrong label can be changed", async () => {
  show([], [SAID]);
  await userEvent.click(await screen.findByRole("button", { name: "Change the label of 500 USDT" }));
  expect(screen.getByLabelText<HTMLSelectElement>("What it was").value).toBe("deposit");
  expect(screen.getByLabelText<HTMLInputElement>("Note (optional)").value).toBe("second tranche");
});

test("nothing is an answer; a list that never came is not", async () => {
  show([], []);
  expect((await screen.findByTestId("empty")).textContent).toContain("Nothing came or left yet");
  cleanup();
  renderPage(<AccountFunds account={{ first: connector(), names: "coinstore" }} />, {});
  expect(await screen.findByTestId("problem")).not.toBeNull();
  expect(screen.queryByTestId("empty")).toBeNull();
});

describe("connectors by the account that they open", () => {
  test("two keys of one account share its funds; keys of unknown accounts do not", () => {
    const keys = [
      connector({ id: "n1", name: "main", exchange_account: "77" }),
      connector({ id: "n2", name: "spare", exchange_account: "77" }),
      connector({ id: "n3", name: "other", exchange_account: null }),
      connector({ id: "n4", name: "fourth", exchange_account: null }),
    ];
    expect(exchangeAccounts(keys).map((one) => one.names)).toEqual(["main and spare", "other", "fourth"]);
  });
});
