import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { HealthDetail } from "@/api/types";
import { finding } from "@/testing/made-up";
import { renderPage } from "@/testing/render";

import { LeftBehind } from "./left-behind";

afterEach(cleanup);

const DETAIL = "/api/health/detail";
const LEFT: HealthDetail["if_host_dies"][number] = {
  connector_id: "n1",
  connector: "coinstore",
  account: "client_sharp",
  exchange: "Coinstore",
  orders: 4,
  unresolved: 0,
  dead_mans_switch: false,
  finding: null,
  text: "4 orders stand at Coinstore, which has no dead man's switch: nothing cancels them by itself.",
};

function show(left: HealthDetail["if_host_dies"]) {
  const detail: HealthDetail = { version: "0.4.0", lease: null, if_host_dies: left };
  renderPage(<LeftBehind />, { [DETAIL]: detail });
}

test("what would stay at each account, in the server's words", async () => {
  show([LEFT]);
  expect((await screen.findByTestId("left-behind")).textContent).toContain("4 orders stand at Coinstore, which has no dead man's switch");
});

test("where nobody can look, it says why", async () => {
  show([{ ...LEFT, orders: null, unresolved: null, text: "It is not known what stands there.", finding: finding() }]);
  expect((await screen.findByTestId("finding")).dataset.code).toBe("credentials.rejected");
});

test("an answer that never came is not nothing", async () => {
  renderPage(<LeftBehind />, {});
  expect(await screen.findByTestId("problem")).not.toBeNull();
  expect(screen.queryByText(/No exchange account would be left/)).toBeNull();
});
