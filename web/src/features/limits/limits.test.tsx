import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { Limits, Scope } from "@/api/types";
import { limits } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

import { changes, groups } from "./limit-words";
import { LimitsPanel } from "./limits-panel";

afterEach(cleanup);

const BOT: Scope = { kind: "bot", id: "b1", name: "SHARP quotes" };
const PATH = "/api/limits/bot/b1";

function show(change: Partial<Limits> = {}) {
  return renderPage(<LimitsPanel scope={BOT} quote="USDT" />, { [PATH]: limits(change) });
}

test("each limit says its value, its default and who set it; shares are told in per cent", async () => {
  const { container } = show();
  const row = (await screen.findByTestId("limit-execution_loss_share")).textContent;
  for (const part of ["1 %", "2 %", "Set for this bot"]) expect(row).toContain(part);
  expect(screen.getByTestId("limit-collar_bps").textContent).toContain("500 bps");
  expect(screen.getByTestId("limit-max_open_orders").textContent).toContain("Set for the client");
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false }, "heading-order": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("what is used now, to its last digit; what is not known is no 0", async () => {
  const unknown = { name: "net_position", value: null, unit: "USDT", limit: "500", text: "net position" };
  show({ counters: [...limits().counters, unknown] });
  expect((await screen.findByTestId("counter-execution_loss")).textContent).toContain("81.24 of 100 USDT");
  expect(screen.getByTestId("counter-net_position").textContent).toContain("unknown");
});

test("a halt says what was hit and that a person must act", async () => {
  show({ halt: { code: "limit.execution_loss", text: "execution has cost 2.1 % in a day", since: "2026-11-21T10:00:00Z", until: null } });
  const halt = await screen.findByTestId("halt");
  expect(halt.textContent).toContain("execution has cost 2.1 % in a day");
  expect(halt.textContent).toContain("A person must resume it.");
});

test("only what was changed is sent, in the server's unit; an emptied field gives its value back", async () => {
  show();
  await userEvent.click(await screen.findByTestId("edit-limits"));
  const loss = screen.getByLabelText("Most that execution may cost in a day, of what the bot has, %");
  const open = screen.getByLabelText<HTMLInputElement>("Most orders that stand at once");
  expect(open.value).toBe("");
  expect(open.placeholder).toBe("12");
  expect(screen.getByRole("button", { name: "Save limits" }).hasAttribute("disabled")).toBe(true);
  await userEvent.clear(loss);
  await userEvent.type(open, "8");
  await userEvent.type(screen.getByLabelText(/Furthest that an order may be priced/), " 250 ");
  const asked = serve({ [PATH]: limits(), [`PUT ${PATH}`]: limits() });
  await userEvent.click(screen.getByRole("button", { name: "Save limits" }));
  await vi.waitFor(() => expect(screen.queryByTestId("limit-form")).toBeNull());
  expect(asked.find((one) => one.method === "PUT")?.body).toEqual({ limits: { collar_bps: "250", execution_loss_share: null, max_open_orders: "8" } });
});

test("a refused value stands at its field, and what was typed stays", async () => {
  show();
  await userEvent.click(await screen.findByTestId("edit-limits"));
  const field = screen.getByLabelText<HTMLInputElement>(/Furthest that an order may be priced/);
  await userEvent.type(field, "lots");
  serve({ [PATH]: limits(), [`PUT ${PATH}`]: { status: 422, code: "limit.value", title: "Not accepted", detail: "From 1 to 5000.", field: "limits.collar_bps" } });
  await userEvent.click(screen.getByRole("button", { name: "Save limits" }));
  expect(await screen.findByText("From 1 to 5000.")).not.toBeNull();
  expect(field.value).toBe("lots");
});

test("a value that allows many times its default is saved by a second press only", async () => {
  show();
  await userEvent.click(await screen.findByTestId("edit-limits"));
  const field = screen.getByLabelText(/Furthest that an order may be priced/);
  await userEvent.type(field, "5000");
  const large = { status: 409, code: "limits.large_change", title: "Conflict", detail: "5000 allows 10 times as much.", field: "limits.collar_bps" };
  serve({ [PATH]: limits(), [`PUT ${PATH}`]: large });
  await userEvent.click(screen.getByRole("button", { name: "Save limits" }));
  expect(await screen.findByText("5000 allows 10 times as much.")).not.toBeNull();
  await userEvent.type(field, "0");
  expect(screen.queryByTestId("confirm-limits")).toBeNull();
  await userEvent.type(field, "{Backspace}");
  const asked = serve({ [PATH]: limits(), [`PUT ${PATH}`]: limits() });
  await userEvent.click(screen.getByTestId("confirm-limits"));
  await vi.waitFor(() => expect(asked.find((one) => one.method === "PUT")?.body).toEqual({ limits: { collar_bps: "5000" }, confirm: true }));
});

test("limits that never came say so", async () => {
  renderPage(<LimitsPanel scope={{ kind: "platform", id: "", name: "" }} quote={null} />, {
    "/api/limits/platform/-": { status: 500, title: "Internal error", detail: "The server failed.", code: "internal" },
  });
  expect((await screen.findByTestId("problem")).textContent).toContain("The server failed.");
});

describe("limits of many bots", () => {
  test("what bounds all together stands apart from what holds for each", () => {
    const [first] = limits().limits;
    const all = first === undefined ? [] : [{ ...first, name: "bot.collar_bps" }, { ...first, name: "orders_per_minute" }];
    expect(groups(all).map((one) => one.limits.map((limit) => limit.name))).toEqual([["orders_per_minute"], ["bot.collar_bps"]]);
  });
});

test("what somebody else set is not sent back as one's own", () => {
  expect(changes(limits().limits, { collar_bps: "", execution_loss_share: "1", max_open_orders: "" }, "bot")).toEqual({});
});
