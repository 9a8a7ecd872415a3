import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";

import { LadderView } from "@/components/ladder";
import { inCounts } from "@/components/ladder-words";
import { failedLadder, ladder, step } from "@/testing/made-up";
import { renderPage } from "@/testing/render";

afterEach(cleanup);

test("each step says in words how it ended; what was not run took no time", () => {
  renderPage(<LadderView ladder={failedLadder()} />, {});
  const [passed, failed, skipped] = screen.getAllByTestId("step");
  expect(passed?.textContent).toContain("passed");
  expect(passed?.textContent).toContain("21 ms");
  expect(failed?.textContent).toContain("failed");
  expect(skipped?.textContent).toContain("skipped");
  expect(skipped?.textContent).toContain("not run");
  expect(skipped?.textContent).not.toContain("0 ms");
});

test("diagnosis, what cannot be told apart from it, and the addresses to allow", () => {
  renderPage(<LadderView ladder={failedLadder()} />, {});
  expect(screen.getByTestId("finding").dataset.code).toBe("ip.not_allowed");
  expect(screen.getByTestId("remaining").textContent).toContain("The secret does not belong to the key");
  const addresses = screen.getByTestId("egress");
  expect(addresses.textContent).toContain("IPv4203.0.113.7");
  expect(within(addresses).getByRole("button", { name: "Copy address 203.0.113.7" })).not.toBeNull();
});

test("a diagnosis that stands beside it is not told twice", () => {
  renderPage(<LadderView ladder={failedLadder()} told="ip.not_allowed" />, {});
  expect(screen.queryByTestId("finding")).toBeNull();
});

test("a step has its evidence on demand", async () => {
  const evidence = { call: "fetch_balance", endpoint: null, method: null, http_status: null, exchange_code: null, exchange_text: null, request_id: null, latency_ms: null, at: null };
  renderPage(<LadderView ladder={ladder({ steps: [step({ evidence })] })} />, {});
  await userEvent.click(screen.getByRole("button", { name: "Evidence of Connection" }));
  expect(screen.getByTestId("evidence").textContent).toContain("no answer");
});

test.each([
  [["pass"], "1 step passed"],
  [["pass", "pass", "fail", "skipped"], "2 steps passed, 1 failed, 1 skipped"],
  [["fail"], "no step passed, 1 failed"],
] as const)("%j in words: %s", (outcomes, words) => {
  expect(inCounts(outcomes.map((outcome) => ({ outcome })))).toBe(words);
});
