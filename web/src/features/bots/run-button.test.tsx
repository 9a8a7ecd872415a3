import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import type { Bot } from "@/api/types";
import { BotTable } from "./bot-table";
import { bot } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

afterEach(cleanup);

const state = (code: Bot["state"]["code"], text: string): Bot["state"] => ({ ...bot().state, code, text });

function show(its: Bot, answers: Record<string, unknown> = {}) {
  const all = { "/api/exchanges": { exchanges: [] }, ...answers };
  renderPage(<BotTable bots={[its]} receivedAt={Date.now()} />, all);
  return serve(all);
}

test("a running bot is asked to stop, by its own address", async () => {
  const stopping = bot({ status: "stopped", state: state("stopping", "Stopping: 2 orders are still to be cancelled") });
  const asked = show(bot(), { "POST /api/bots/b1/stop": stopping });
  await userEvent.click(screen.getByRole("button", { name: "Stop SHARP quotes" }));
  expect(asked.filter((one) => one.method === "POST").map((one) => one.path)).toEqual(["/api/bots/b1/stop"]);
});

test("while it stops there is nothing to press, and the server's words say what is left", () => {
  show(bot({ status: "stopped", state: state("stopping", "Stopping: 2 orders are still to be cancelled") }));
  expect(screen.getByTestId("run-button").hasAttribute("disabled")).toBe(true);
  expect(screen.getByTestId("state").textContent).toContain("2 orders are still to be cancelled");
});

test("a refused start says why and what fixes it, and the button is there again", async () => {
  show(bot({ status: "stopped", state: state("stopped", "Stopped") }), {
    "POST /api/bots/b1/start": {
      status: 409,
      code: "connector.missing",
      title: "The bot cannot start",
      detail: "The client has no key at Coinstore.",
      remedy: "Add a connector.",
    },
  });
  await userEvent.click(screen.getByTestId("start-button"));
  const problem = await screen.findByTestId("problem");
  expect(problem.textContent).toContain("The client has no key at Coinstore.");
  expect(problem.textContent).toContain("Add a connector.");
  expect(screen.getByTestId("start-button").hasAttribute("disabled")).toBe(false);
});
