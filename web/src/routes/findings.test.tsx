import { act, cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test } from "vitest";

import { FindingCount } from "@/components/finding-count";
import { Attention } from "@/features/findings/attention";
import { FindingsRoute } from "@/routes/findings";
import { finding, recorded } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

afterEach(cleanup);

const OPEN = "/api/findings?state=open";
const FAILED = { status: 500, title: "Internal error", detail: "The server failed.", code: "internal" };
const AROUND = {
  "/api/clients": { clients: [{ id: "c1", name: "Sharp Labs", account: "client_sharp", created_at: "2026-11-20T10:00:00Z" }], next: null },
  "/api/exchanges": { exchanges: [] },
};
const note = finding({ code: "egress.changing", severity: "info", title: "a second address" });
const LIST = { findings: [recorded(), recorded({ id: "f2", finding: note, count: 1, subject: { kind: "platform", id: "", name: "the platform", client_id: null } })], next: null };

test("what needs attention: what, of whom, since when, how often, who acts", async () => {
  renderPage(<Attention />, { ...AROUND, [OPEN]: LIST });
  const [row] = await screen.findAllByTestId("finding-row");
  expect(row?.textContent).toContain("Coinstore rejects the key");
  expect(row?.textContent).toContain("since");
  expect(row?.textContent).toContain("3 times");
  expect(row?.textContent).toContain("You must act");
  expect((await screen.findByRole("link", { name: "Sharp Labs" })).getAttribute("href")).toBe("/clients/client_sharp");
  expect(screen.getByTestId("attention").textContent).toContain("1 critical, 1 for information");
});

test("all is well only when the server said so", async () => {
  renderPage(<Attention />, { ...AROUND, [OPEN]: { findings: [], next: null } });
  expect(screen.queryByTestId("all-well")).toBeNull();
  expect(await screen.findByTestId("all-well")).not.toBeNull();
});

test("a list that never came is not all well", async () => {
  renderPage(<Attention />, { ...AROUND, [OPEN]: FAILED });
  expect((await screen.findByTestId("attention-unknown")).textContent).toContain("not known");
  expect(screen.queryByTestId("all-well")).toBeNull();
});

test("a list that cannot be renewed keeps its rows, with their time", async () => {
  const { queries } = renderPage(<Attention />, { ...AROUND, [OPEN]: LIST });
  await screen.findAllByTestId("finding-row");
  serve({ ...AROUND, [OPEN]: FAILED });
  await act(() => queries.refetchQueries({ queryKey: ["findings"] }));
  expect((await screen.findByTestId("problem")).textContent).toContain("What stands below is from");
  expect(screen.getAllByTestId("finding-row")).toHaveLength(2);
});

test("the navigation counts what is urgent, and nothing while that is not known", async () => {
  renderPage(<FindingCount />, { [OPEN]: LIST });
  expect(screen.queryByTestId("finding-count")).toBeNull();
  expect((await screen.findByTestId("finding-count")).textContent).toBe("1 open");
});

const RESOLVED = recorded({ resolved_at: "2026-11-21T10:12:00Z" });

test("open and resolved, a page at a time, cause and fix on demand", async () => {
  renderPage(<FindingsRoute />, {
    ...AROUND,
    [OPEN]: LIST,
    "/api/findings?state=resolved": { findings: [RESOLVED], next: "p2" },
    "/api/findings?state=resolved&cursor=p2": { findings: [], next: null },
  });
  await screen.findAllByTestId("finding-row");
  await userEvent.click(screen.getByTestId("show-resolved"));
  const list = await screen.findByTestId("finding-list");
  const row = await within(list).findByTestId("finding-row");
  expect(row.dataset.resolved).toBe("true");
  expect(row.textContent).toContain("12 min");
  expect(row.textContent).toContain("Resolved");
  expect(row.textContent).toContain("Was critical");
  await userEvent.click(within(row).getByTestId("finding-details"));
  expect(row.textContent).toContain("Enter a new key.");
  await userEvent.click(screen.getByTestId("older"));
  expect(await screen.findByText("There are no older ones")).not.toBeNull();
});

test("it reads well to those who do not see it", async () => {
  const { container } = renderPage(<FindingsRoute />, { ...AROUND, [OPEN]: LIST });
  await userEvent.click((await screen.findAllByTestId("finding-details"))[0] ?? container);
  const found = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
});

test("money that moved has the way to where a person says what it was", async () => {
  const left = recorded({ finding: finding({ code: "funds.left", title: "Money left the account" }) });
  renderPage(<FindingsRoute />, { ...AROUND, [OPEN]: { findings: [left], next: null } });
  expect((await screen.findByRole("link", { name: "its funds" })).getAttribute("href")).toBe("/clients/client_sharp/funds");
});
