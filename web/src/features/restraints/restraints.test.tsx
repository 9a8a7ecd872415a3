import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";

import { covers, PLATFORM } from "@/api/restraints";
import type { Scope, ScopeId } from "@/api/types";
import { bot, finding, hold, kill } from "@/testing/made-up";
import { renderPage, serve, type Asked } from "@/testing/render";

import { HaltNotice } from "./halt-notice";
import { HoldForm } from "./hold-form";
import { HoldList } from "./hold-list";
import { HoldCalendar } from "./restraint-book";
import { KillForm } from "./kill-form";
import { RestraintNotices } from "./restraint-notices";

afterEach(cleanup);

const BOT: Scope = { kind: "bot", id: "b1", name: "SHARP quotes" };
const MARKET: Scope = { kind: "market", id: "coinstore SHARP/USDT", name: "SHARP/USDT at Coinstore" };
const KILLS = "/api/kills?active=true";
const HOLDS = "/api/holds?active=true";
const NOTHING = { [KILLS]: { kills: [] }, [HOLDS]: { holds: [] } };

const posted = (asked: Asked[]) => asked.filter((one) => one.method === "POST");

describe("what a scope covers", () => {
  test.each<[ScopeId, boolean]>([
    [PLATFORM, true],
    [{ kind: "client", id: "c1" }, true],
    [{ kind: "client", id: "c2" }, false],
    [{ kind: "market", id: "coinstore SHARP/USDT" }, true],
    [{ kind: "market", id: "coinstore ETH/USDT" }, false],
    [{ kind: "bot", id: "b1" }, true],
    [{ kind: "bot", id: "b2" }, false],
  ])("%j: %s", (scope, covered) => {
    expect(covers(scope, bot())).toBe(covered);
  });

  test("a bot without a connector has no market of its own", () => {
    expect(covers(MARKET, bot({ exchange: null }))).toBe(false);
  });
});

describe("the kill switch", () => {
  test("is one press after the form opens, without a reason, and leaves hand-placed orders alone", async () => {
    const done = vi.fn();
    renderPage(<KillForm scope={BOT} onDone={done} />, {});
    const asked = serve({ "POST /api/kills": kill() });
    await userEvent.click(screen.getByTestId("kill-now"));
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(posted(asked)).toHaveLength(1);
    expect(posted(asked)[0]?.body).toEqual({ scope: { kind: "bot", id: "b1" }, reason: "Pressed on the page, no reason given", by_hand: false });
  });

  test("Enter in its first field presses it; hand-placed orders only if asked", async () => {
    renderPage(<KillForm scope={PLATFORM} onDone={() => undefined} />, {});
    const asked = serve({ "POST /api/kills": kill() });
    await userEvent.click(screen.getByLabelText("Cancel orders placed by hand as well"));
    await userEvent.type(screen.getByLabelText("Reason (optional)"), "fat finger{Enter}");
    await vi.waitFor(() => expect(posted(asked)[0]?.body).toEqual({ scope: { kind: "platform", id: "" }, reason: "fat finger", by_hand: true }));
  });

  test("says how it works without the page when the server does not answer", async () => {
    renderPage(<KillForm scope={PLATFORM} onDone={() => undefined} />, {});
    await userEvent.click(screen.getByTestId("kill-now"));
    expect((await screen.findByTestId("problem")).textContent).toContain("trading-bridge kill --all");
    expect(screen.getByTestId("kill-now").hasAttribute("disabled")).toBe(false);
  });
});

function notices(answers: Record<string, unknown>) {
  return renderPage(<RestraintNotices about={(scope) => scope.kind === "platform" || scope.id === "b1"} />, { ...NOTHING, ...answers });
}

describe("while a kill holds", () => {
  test("progress is what the exchange confirmed, and it is not called done", async () => {
    const waits = { connector_id: "n1", name: "coinstore", finding: finding({ title: "Coinstore does not answer", fix: "Allow 203.0.113.7 for the key." }) };
    notices({ [KILLS]: { kills: [kill({ waits_for: [waits] })] } });
    const progress = await screen.findByTestId("kill-progress");
    expect(progress.textContent).toContain("31 of 40 confirmed");
    expect(progress.textContent).toContain("Not done yet");
    expect(screen.getByRole("progressbar").getAttribute("value")).toBe("31");
    expect(screen.getByTestId("kill-waits").textContent).toBe("Waits for coinstore: Coinstore does not answer. Allow 203.0.113.7 for the key.");
  });

  test("advice that ends in quoting again is not given while the kill holds", async () => {
    const passes = finding({ title: "under maintenance", fix: "Nothing: then quoting resumes.", for_client: { ...finding().for_client, who_acts: "exchange" } });
    notices({ [KILLS]: { kills: [kill({ waits_for: [{ connector_id: "n1", name: "coinstore", finding: passes }] })] } });
    expect((await screen.findByTestId("kill-waits")).textContent).toBe("Waits for coinstore: Under maintenance. ");
  });

  test("done is said only with the server's time of it", async () => {
    notices({ [KILLS]: { kills: [kill({ state: "done", confirmed: 40, text: "40 of 40 confirmed", done_at: "2026-11-21T10:01:00Z" })] } });
    const progress = await screen.findByTestId("kill-progress");
    expect(progress.textContent).toMatch(/^Done at .*the exchange shows no open order here. 40 of 40 confirmed/);
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  test("re-arming needs a reason", async () => {
    notices({ [KILLS]: { kills: [kill()] } });
    await userEvent.click(await screen.findByTestId("rearm"));
    const field = screen.getByLabelText("Reason");
    expect(document.activeElement).toBe(field);
    const button = screen.getByRole("button", { name: "Re-arm" });
    await userEvent.type(field, "  ");
    expect(button.hasAttribute("disabled")).toBe(true);
    const asked = serve({ ...NOTHING, "POST /api/kills/k1/rearm": kill({ state: "rearmed" }) });
    await userEvent.type(field, "feed is back ");
    await userEvent.click(button);
    await vi.waitFor(() => expect(screen.queryByTestId("kill")).toBeNull());
    expect(posted(asked)).toEqual([{ method: "POST", path: "/api/kills/k1/rearm", body: { reason: "feed is back" } }]);
  });

  test("a refused re-arm says why, and the kill stays", async () => {
    const refusal = { status: 409, code: "kill.unconfirmed", title: "Not done", detail: "9 orders may still be open." };
    notices({ [KILLS]: { kills: [kill()] }, "POST /api/kills/k1/rearm": refusal });
    await userEvent.click(await screen.findByTestId("rearm"));
    await userEvent.type(screen.getByLabelText("Reason"), "now{Enter}");
    expect((await screen.findByTestId("problem")).textContent).toContain("9 orders may still be open.");
    expect(screen.getByTestId("kill")).not.toBeNull();
  });
});

describe("holds", () => {
  test("one that is on says until when and what became of the orders; planned and other ones are not on", async () => {
    const other = hold({ id: "h3", scope: { kind: "bot", id: "b9", name: "Other" } });
    notices({ [HOLDS]: { holds: [hold({ orders: "keep" }), hold({ id: "h2", state: "planned" }), other] } });
    const shown = await screen.findAllByTestId("hold");
    expect(shown).toHaveLength(1);
    expect(shown[0]?.textContent).toContain("until somebody lifts it. Open orders are left as they are.");
  });

  test("a list that could not be read is told", async () => {
    notices({ [HOLDS]: { status: 500, title: "Internal error", detail: "The server failed.", code: "internal" } });
    expect((await screen.findByTestId("problem")).textContent).toContain("The server failed.");
  });

  test("one is planned for a market, with an end", async () => {
    const done = vi.fn();
    renderPage(<HoldForm scopes={[BOT, MARKET]} onDone={done} />, {});
    const asked = serve({ "POST /api/holds": hold() });
    await userEvent.selectOptions(screen.getByLabelText("What is held"), "Market SHARP/USDT at Coinstore");
    await userEvent.type(screen.getByLabelText("Reason"), "migration");
    await userEvent.selectOptions(screen.getByLabelText("Open orders"), "keep");
    await userEvent.type(screen.getByLabelText("Starts"), "2027-01-02T10:00");
    await userEvent.type(screen.getByLabelText("Ends"), "2027-01-02T12:30");
    await userEvent.click(screen.getByRole("button", { name: "Plan hold" }));
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(posted(asked)[0]?.body).toEqual({
      scope: { kind: "market", id: "coinstore SHARP/USDT" },
      reason: "migration",
      orders: "keep",
      starts_at: new Date("2027-01-02T10:00").toISOString(),
      ends_at: new Date("2027-01-02T12:30").toISOString(),
    });
  });

  test("what was chosen stays chosen while more that can be held is read", async () => {
    const client: Scope = { kind: "client", id: "c1", name: "SHARP" };
    const Growing = () => {
      const [scopes, setScopes] = useState<readonly [Scope, ...Scope[]]>([BOT, MARKET]);
      return (
        <>
          <button onClick={() => setScopes([BOT, client, MARKET])}>more</button>
          <HoldForm scopes={scopes} onDone={() => undefined} />
        </>
      );
    };
    renderPage(<Growing />, {});
    const asked = serve({ "POST /api/holds": hold() });
    await userEvent.selectOptions(screen.getByLabelText("What is held"), "Market SHARP/USDT at Coinstore");
    await userEvent.click(screen.getByRole("button", { name: "more" }));
    await userEvent.type(screen.getByLabelText("Reason"), "a look first");
    await userEvent.click(screen.getByRole("button", { name: "Hold now" }));
    await vi.waitFor(() => expect(posted(asked)[0]?.body).toMatchObject({ scope: { kind: "market", id: "coinstore SHARP/USDT" } }));
  });

  test("one from now on until it is lifted names no time", async () => {
    renderPage(<HoldForm scopes={[BOT]} onDone={() => undefined} />, {});
    const asked = serve({ "POST /api/holds": hold() });
    await userEvent.type(screen.getByLabelText("Reason"), "a look first");
    await userEvent.click(screen.getByRole("button", { name: "Hold now" }));
    await vi.waitFor(() => expect(posted(asked)[0]?.body).toEqual({ scope: { kind: "bot", id: "b1" }, reason: "a look first", orders: "cancel" }));
  });

  test("the calendar lists what comes, the next first; a planned one can be called off", async () => {
    const later = hold({ id: "h3", state: "planned", starts_at: "2026-12-05T10:00:00Z", reason: "later" });
    const planned = hold({ id: "h2", state: "planned", starts_at: "2026-12-01T10:00:00Z", ends_at: "2026-12-01T12:00:00Z" });
    renderPage(<HoldCalendar />, { [HOLDS]: { holds: [later, hold(), planned] } });
    const rows = await screen.findAllByTestId("hold-row");
    expect(rows.map((one) => one.textContent.includes("later"))).toEqual([false, true]);
    const asked = serve({ [HOLDS]: { holds: [later] }, "POST /api/holds/h2/lift": hold() });
    await userEvent.click(screen.getAllByTestId("call-off")[0] ?? document.body);
    await userEvent.type(screen.getByLabelText("Reason"), "moved{Enter}");
    await vi.waitFor(() => expect(screen.getAllByTestId("hold-row")).toHaveLength(1));
    expect(posted(asked)[0]).toEqual({ method: "POST", path: "/api/holds/h2/lift", body: { reason: "moved" } });
  });
});

test("a hold that ended early says so, apart from one that never started", () => {
  const lifted = { state: "lifted" as const, lifted_at: "2026-11-21T10:30:00Z", lifted_by: "ann", lift_reason: "done early" };
  const kept = hold({ ...lifted, ends_at: "2026-11-21T12:00:00Z" });
  renderPage(<HoldList holds={[kept, hold({ ...lifted, id: "h2", starts_at: "2026-12-01T10:00:00Z" })]} />, {});
  const [early, never] = screen.getAllByTestId("hold-row").map((one) => one.textContent);
  expect(early).toMatch(/^LiftedBot SHARP quotes.*to .*:30:00/);
  expect(never).toMatch(/^Called off/);
});

test("a halted bot goes on by a person with a reason; no other bot is asked", async () => {
  const state = { ...bot().state, code: "halted" as const, text: "halted: fees" };
  renderPage(<HaltNotice bot={bot({ state })} />, {});
  const asked = serve({ "POST /api/bots/b1/resume": bot() });
  await userEvent.click(screen.getByTestId("resume"));
  await userEvent.type(screen.getByLabelText("Reason"), "fees are agreed{Enter}");
  await vi.waitFor(() => expect(posted(asked)).toEqual([{ method: "POST", path: "/api/bots/b1/resume", body: { reason: "fees are agreed" } }]));
  cleanup();
  renderPage(<HaltNotice bot={bot()} />, {});
  expect(screen.queryByTestId("resume")).toBeNull();
});
