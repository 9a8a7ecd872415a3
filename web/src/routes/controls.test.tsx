import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test } from "vitest";

import { ControlsRoute } from "@/routes/controls";
import { bot, hold, kill } from "@/testing/made-up";
import { renderPage } from "@/testing/render";

afterEach(cleanup);

const SERVER = {
  "/api/clients": { clients: [{ id: "c1", name: "Sharp Labs", account: "client_sharp", created_at: "2026-11-20T10:00:00Z" }], next: null },
  "/api/bots?include=balance": { bots: [bot()], next: null },
  "/api/kills?active=true": { kills: [kill()] },
  "/api/kills?active=false": { kills: [kill({ id: "k0", state: "rearmed", rearmed_at: "2026-11-20T11:00:00Z", rearmed_by: "ann", rearm_reason: "drill over" })] },
  "/api/holds?active=true": { holds: [hold()] },
  "/api/holds?active=false": { holds: [] },
};

test("what is stopped, what will be, and what was", async () => {
  const { container } = renderPage(<ControlsRoute />, SERVER);
  expect(await screen.findByTestId("kill")).not.toBeNull();
  expect((await screen.findByTestId("kill-row")).textContent).toContain("Re-armed by ann: “drill over”");
  expect(await screen.findByText("No hold has ended yet.")).not.toBeNull();
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("a hold may be of the platform, a client, a market or a bot", async () => {
  renderPage(<ControlsRoute />, SERVER);
  await screen.findByTestId("kill");
  await userEvent.click(screen.getByTestId("hold-button"));
  const choice = within(screen.getByTestId("hold-form")).getByLabelText("What is held");
  expect([...choice.querySelectorAll("option")].map((one) => one.textContent)).toEqual([
    "All trading",
    "Client Sharp Labs",
    "Market SHARP/USDT at coinstore",
    "Bot SHARP quotes",
  ]);
});

test("the platform's kill switch is a press and a confirmation away", async () => {
  renderPage(<ControlsRoute />, SERVER);
  await userEvent.click(await screen.findByTestId("kill-button"));
  expect(screen.getByTestId("kill-now").textContent).toBe("Kill all trading now");
});
