import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { Route, Routes } from "react-router";
import { afterEach, expect, test } from "vitest";

import type { BalanceDebug, Decision, DecisionPage } from "@/api/types";
import { BotRoute } from "@/routes/bot";
import { balance, bot, failedLadder, finding, recorded } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

afterEach(cleanup);

const DECISION: Decision = {
  id: "d1",
  decided_at: "2026-11-21T10:00:00Z",
  reason: { code: "quoting", text: "bid and ask stand" },
  notes: [
    { code: "risk.trimmed", text: "the ask was trimmed" },
    { code: "risk.trimmed", text: "the ask was trimmed" },
    { code: "quoting", text: "bid and ask stand" },
  ],
  finding_code: null,
  wanted: [{ side: "buy", price: "0.0255", amount: "2343.56" }],
  ended_at: null,
  cycles: 312,
};

function decisions(change: Partial<DecisionPage["current"]> = {}): DecisionPage {
  return {
    current: { state: bot().state, decision: DECISION, open_orders: 2, last_fill_at: "2026-11-21T10:00:00Z", ...change },
    decisions: [{ ...DECISION, cycles: null }, { ...DECISION, id: "d0", cycles: null, wanted: null }],
    next: null,
  };
}

const DEBUG: BalanceDebug = {
  bot_id: "b1",
  account: "client_sharp",
  connector: "Coinstore",
  looked_up: "coinstore",
  connectors_in_storage: [
    {
      id: "n1",
      name: "coinstore",
      exchange: "coinstore",
      key_state: "undecryptable",
      key_last4: "x9k2",
      key_label: "bridge-2026",
      key_set_at: "2026-11-20T10:00:00Z",
      key_set_by: "operator",
      key_last_success_at: null,
      has_proxy: false,
      ipv4_only: false,
      timeout_s: null,
      updated_at: "2026-11-20T10:00:00Z",
    },
  ],
  sessions: [{ key: "coinstore", connector_id: "n1", exchange: "coinstore", host_label: null, last_read: null, last_finding: null, calls: [] }],
  match: { matched: true, rule: "name", connector_id: "n1", finding: null },
  ladder: failedLadder(),
  last_read_error: finding(),
  balance: balance(),
  diagnosis: "The key cannot be decrypted: enter it again.",
};

const SERVER = {
  "/api/exchanges": { exchanges: [] },
  "/api/clients": { clients: [], next: null },
  "/api/bots/b1": bot(),
  "/api/bots/b1/chart": { pair: "SHARP/USDT", mids: [], orders: [], fills: [] },
  "/api/bots/b1/trades": { trades: [], next: null },
  "/api/bots/b1/decisions": decisions(),
  "/api/bots/b1/findings": { findings: [recorded()], next: null },
  "/api/bots/b1/balance-debug": DEBUG,
};

function show(answers: Record<string, unknown>, tab = "trades") {
  const page = (
    <Routes>
      <Route path="/bots/:id" element={<BotRoute />} />
    </Routes>
  );
  return renderPage(page, answers, `/bots/b1?tab=${tab}`);
}

test("why: the reason, what was left out, what it wants and what stands", async () => {
  show(SERVER);
  expect((await screen.findByTestId("decision-reason")).textContent).toBe("Bid and ask stand");
  expect(screen.getByTestId("why").textContent).toContain("in each of 312 cycles");
  expect(screen.getByTestId("decision-notes").textContent).toBe("The ask was trimmed");
  expect(screen.getByTestId("wanted").textContent).toBe("Buy 2343.56 SHARP at 0.0255 USDT");
  expect(screen.getByTestId("open-orders").textContent).toBe("2");
});

test("what is not known is neither 0 nor blank", async () => {
  show({ ...SERVER, "/api/bots/b1/decisions": decisions({ decision: null, open_orders: null, last_fill_at: null }) });
  expect((await screen.findByTestId("open-orders")).textContent).toBe("unknown");
  expect(screen.getByTestId("last-fill").textContent).toBe("none known");
  expect(screen.getByTestId("why").textContent).toContain("decided nothing since the server started");
});

test("decisions that could not be read say so", async () => {
  show({ ...SERVER, "/api/bots/b1/decisions": { status: 500, title: "Internal error", detail: "The server failed.", code: "internal" } });
  expect(await screen.findByText(/the reason is not known here/)).not.toBeNull();
});

test("a blocked bot says what fixes it, and when it tries again", async () => {
  const state = { ...bot().state, code: "blocked" as const, text: "blocked: the key", until: "2126-11-21T10:00:00Z", finding: finding() };
  show({ ...SERVER, "/api/bots/b1": bot({ state }), "/api/bots/b1/decisions": decisions({ state }) });
  expect((await screen.findByTestId("because")).textContent).toContain("Enter a new key.");
  expect(screen.getAllByTestId("until")[0]?.textContent).toContain("tries again at");
});

test("the tabs: decisions, findings and the balance check, each asked for when looked at", async () => {
  show(SERVER);
  await screen.findByTestId("no-trades");
  const asked = serve(SERVER);
  await userEvent.click(screen.getByTestId("tab-decisions"));
  const [stands, cut] = await screen.findAllByTestId("decision");
  expect(stands?.textContent).toContain("still");
  expect(stands?.textContent).toContain("312");
  expect(cut?.textContent).toContain("until the server ended");
  expect(cut?.textContent).toContain("not counted");
  await userEvent.click(screen.getByTestId("tab-findings"));
  expect((await screen.findByTestId("finding-row")).dataset.code).toBe("credentials.rejected");
  expect(asked.some((one) => one.path.endsWith("balance-debug"))).toBe(false);
  await userEvent.keyboard("{ArrowRight}");
  expect((await screen.findByTestId("diagnosis")).textContent).toBe(DEBUG.diagnosis);
});

test("the balance check: match, keys in storage and the steps", async () => {
  const { container } = show(SERVER, "balance");
  expect((await screen.findByTestId("match")).textContent).toBe("yes, by name");
  const stored = screen.getByTestId("stored-connectors").textContent;
  for (const part of ["cannot be decrypted", "x9k2", "bridge-2026", "by operator", "never yet"]) expect(stored).toContain(part);
  expect(screen.getByTestId("sessions").textContent).toContain("not read yet");
  expect(screen.getByTestId("ladder").dataset.passed).toBe("false");
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});
