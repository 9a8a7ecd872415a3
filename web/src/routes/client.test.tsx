import { act, cleanup, screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { Route, Routes } from "react-router";
import { afterEach, expect, test } from "vitest";

import { ClientRoute } from "@/routes/client";
import { balance, bot, finding, NO_VOLUME, volume } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

afterEach(cleanup);

const CLIENT = { id: "c1", name: "Sharp Labs", account: "client_sharp", created_at: "2026-11-20T10:00:00Z" };
const LIST = "/api/bots?include=balance&account=client_sharp";
const SERVER = {
  "/api/clients": { clients: [CLIENT], next: null },
  "/api/clients/c1/connectors": { connectors: [] },
  "/api/exchanges": { exchanges: [] },
  "/api/bots/b1/chart": { pair: "SHARP/USDT", mids: [], orders: [], fills: [] },
  "/api/bots/b1/trades": { trades: [], next: null },
  [LIST]: { bots: [bot()], next: null },
};

function show(answers: Record<string, unknown>) {
  const page = (
    <Routes>
      <Route path="/clients/:account" element={<ClientRoute />} />
    </Routes>
  );
  return renderPage(page, answers, "/clients/client_sharp");
}

test("a card per bot, with what is empty said in words", async () => {
  show(SERVER);
  expect((await screen.findByTestId("available-SHARP")).textContent).toBe("125000.5");
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Sharp Labs");
  expect(await screen.findByTestId("no-trades")).not.toBeNull();
  expect(await screen.findByText("No exchange key yet")).not.toBeNull();
  expect(screen.queryByTestId("sandbox-banner")).toBeNull();
});

test("the sandbox is named on the page and on the card", async () => {
  show({ ...SERVER, [LIST]: { bots: [bot({ host_label: "sandbox", note: "Synthetic order flow." })], next: null } });
  expect((await screen.findByTestId("sandbox-banner")).textContent).toContain("no real money");
  expect(screen.getByTestId("note").textContent).toBe("Synthetic order flow.");
});

test("when the server is gone the last numbers stay, with the time they are from and the cause", async () => {
  const { queries } = show(SERVER);
  await screen.findByTestId("available-SHARP");
  serve({});
  await act(() => queries.refetchQueries({ queryKey: ["bots"] }));
  await waitFor(() => expect(screen.getAllByTestId("problem").map((one) => one.textContent).join()).toContain("The server does not answer"));
  expect(screen.getByTestId("available-SHARP").textContent).toBe("125000.5");
  expect(screen.getAllByTestId("problem").map((one) => one.textContent).join()).toContain("What stands below is from");
});

test("a list that never came says so, and shows no bot", async () => {
  show({ ...SERVER, [LIST]: { status: 500, title: "Internal error", detail: "The server failed.", code: "internal" } });
  expect((await screen.findByTestId("problem")).textContent).toContain("The server failed.");
  expect(screen.queryByTestId("bot-card")).toBeNull();
});

const CASES = {
  ok: balance(),
  stale: balance({ status: "stale", finding: finding({ severity: "warning" }) }),
  unknown: balance({ status: "unknown", available: null, locked: null, as_of: null, finding: finding(), volume: volume({ ...NO_VOLUME, finding: finding() }) }),
};

test.each(Object.entries(CASES))("%s reads well to those who do not see it", async (kind, figures) => {
  const { container } = show({ ...SERVER, [LIST]: { bots: [bot({ balance_and_volume: figures })], next: null } });
  expect((await screen.findByTestId("bot-card")).dataset.reading).toBe(kind);
  // colours are checked in tokens.test.ts: this browser draws nothing
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("a bot that waits for a word about money that left leads there", async () => {
  const state = { ...bot().state, code: "blocked" as const, finding: finding({ code: "funds.left" }) };
  show({ ...SERVER, [LIST]: { bots: [bot({ state })], next: null } });
  expect((await screen.findByTestId("to-funds")).getAttribute("href")).toBe("/clients/client_sharp/funds");
});
