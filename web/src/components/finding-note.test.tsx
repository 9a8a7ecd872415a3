import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { FindingNote } from "@/components/finding-note";
import { finding } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const RECORDED = finding({ history: { id: "f1", count: 3, note: "We told Coinstore." } });
const SUPPORT = { "/api/findings/f1/evidence": { text: "Finding: credentials.rejected" } };

test("what, why, the fix, what it does to orders, who acts, how often, and the operator's note", () => {
  renderPage(<FindingNote finding={RECORDED} />, {});
  const text = screen.getByTestId("finding").textContent;
  for (const part of ["Coinstore rejects the key", "3 times", "was deleted", "What fixes it Enter a new key.", "OrdersNo new orders are sent", "You, the operator"]) {
    expect(text).toContain(part);
  }
  expect(screen.getByTestId("finding-note").textContent).toContain("We told Coinstore.");
});

test("what struck once is not counted, and what is not recorded has neither note nor text for support", () => {
  renderPage(<FindingNote finding={finding()} />, {});
  expect(screen.getByTestId("finding").textContent).not.toContain("times");
  expect(screen.queryByTestId("copy-for-support")).toBeNull();
});

test("a finding of the page itself claims nothing of orders and money", () => {
  renderPage(<FindingNote finding={finding({ code: "page.behind" })} />, {});
  expect(screen.queryByTestId("effect")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

test("evidence and the client's words are there on demand", async () => {
  const evidence = { call: "fetch_balance", endpoint: "/spot/accountList", method: "POST", http_status: 200, exchange_code: "1401", exchange_text: "signature-failed", request_id: null, latency_ms: 84, at: null };
  renderPage(<FindingNote finding={finding({ evidence })} />, {});
  expect(screen.queryByTestId("evidence")).toBeNull();
  const button = screen.getByRole("button", { name: "Evidence" });
  await userEvent.click(button);
  expect(button.getAttribute("aria-expanded")).toBe("true");
  expect(screen.getByTestId("evidence").textContent).toContain("signature-failed");
  await userEvent.click(screen.getByRole("button", { name: "What your client reads" }));
  expect(screen.getByTestId("for-client").textContent).toContain("Your money is untouched.");
});

test("the text for support goes to the clipboard", async () => {
  const user = userEvent.setup();
  renderPage(<FindingNote finding={RECORDED} />, SUPPORT);
  await user.click(screen.getByTestId("copy-for-support"));
  expect(await screen.findByText("Copied")).not.toBeNull();
  expect(await navigator.clipboard.readText()).toBe("Finding: credentials.rejected");
});

test("without a clipboard it is shown, to be copied by hand", async () => {
  vi.stubGlobal("navigator", Object.create(navigator, { clipboard: { value: undefined } }));
  renderPage(<FindingNote finding={RECORDED} />, SUPPORT);
  screen.getByTestId("copy-for-support").click();
  expect((await screen.findByTestId<HTMLTextAreaElement>("copy-by-hand")).value).toBe("Finding: credentials.rejected");
});

test("the note is changed where the client's words are", async () => {
  renderPage(<FindingNote finding={RECORDED} />, {});
  const asked = serve({ "PUT /api/findings/f1/note": {} });
  await userEvent.click(screen.getByRole("button", { name: "What your client reads" }));
  const box = screen.getByLabelText("Your note");
  expect(screen.getByRole("button", { name: "Save note" }).hasAttribute("disabled")).toBe(true);
  await userEvent.clear(box);
  await userEvent.type(box, " Fixed by noon. ");
  await userEvent.click(screen.getByRole("button", { name: "Save note" }));
  expect(asked.find((one) => one.method === "PUT")?.body).toEqual({ note: "Fixed by noon." });
});
