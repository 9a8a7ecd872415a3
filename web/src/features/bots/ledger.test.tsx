import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";

import { aged, balanceReading } from "@/api/reading";
import type { BalanceAndVolume } from "@/api/types";
import { Ledger } from "./ledger";
import { recorded } from "./use-reading";
import { balance, bot, finding, NO_VOLUME, volume } from "@/testing/made-up";

afterEach(cleanup);

function show(change: Partial<BalanceAndVolume> | null) {
  const body = change === null ? null : balance(change);
  const its = bot({ balance_and_volume: body });
  return render(<Ledger bot={its} reading={balanceReading(body)} />);
}

const CELLS = ["available-SHARP", "available-USDT", "locked-SHARP", "locked-USDT"];

test("ok: every number to its last digit", () => {
  show({});
  expect(CELLS.map((cell) => screen.getByTestId(cell).textContent)).toEqual(["125000.5", "812.4", "1953.15", "49.98"]);
  expect(screen.getByTestId("volume-total").textContent).toBe("48211.902715 USDT");
  expect(screen.queryByTestId("finding")).toBeNull();
});

test("a true zero is a 0", () => {
  show({ available: { SHARP: "0", USDT: "0" }, volume: volume({ total: "0", today: "0" }) });
  expect(screen.getByTestId("available-SHARP").textContent).toBe("0");
  expect(screen.getByTestId("volume-total").textContent).toBe("0 USDT");
});

test("a 0 whose money lies elsewhere is never shown without that", () => {
  show({ available: { SHARP: "0", USDT: "812.4" }, finding: finding({ code: "balance.other_wallet", title: "SHARP is in another wallet" }) });
  expect(screen.getByTestId("available-SHARP").textContent).toBe("0");
  expect(screen.getByTestId("finding").dataset.code).toBe("balance.other_wallet");
});

test("stale: the last numbers, since when, and the cause", () => {
  show({ status: "stale", finding: finding({ code: "exchange.unreachable", cause: "Coinstore does not answer." }) });
  expect(screen.getByTestId("available-USDT").textContent).toBe("812.4");
  expect(screen.getByTestId("stale").textContent).toContain("Stale since");
  expect(screen.getByTestId("stale").textContent).toContain("Coinstore does not answer.");
});

describe("unknown", () => {
  const whys: [string, Partial<BalanceAndVolume> | null][] = [
    ["said by the server", { status: "unknown", available: null, locked: null, as_of: null, finding: finding(), volume: volume({ ...NO_VOLUME, finding: finding() }) }],
    ["numbers beside it are not trusted", { status: "unknown", finding: finding(), available: { SHARP: "0", USDT: "0" }, volume: volume({ ...NO_VOLUME, finding: finding() }) }],
    ["an empty answer", null],
  ];
  test.each(whys)("%s: no number, no 0, no blank; a cause and a fix", (_, change) => {
    const { container } = show(change);
    for (const cell of [...CELLS, "volume-total"]) expect(screen.getByTestId(cell).textContent).toBe("unknown");
    expect(container.querySelector("[data-amount]")).toBeNull();
    for (const note of screen.getAllByTestId("finding")) expect(note.textContent).toContain("What fixes it");
    expect(screen.getByTestId("unknown")).not.toBeNull();
  });

  test("one cause of both balance and volume is told once", () => {
    show({ status: "unknown", finding: finding(), volume: volume({ ...NO_VOLUME, finding: finding() }) });
    expect(screen.getAllByTestId("finding")).toHaveLength(1);
  });
});

test("a currency that the answer does not name is not 0", () => {
  show({ available: { USDT: "812.4" }, locked: {} });
  expect(screen.getByTestId("available-SHARP").textContent).toBe("not said");
  expect(screen.getByTestId("locked-USDT").textContent).toBe("not said");
});

test("an unknown volume beside a known balance has its own cause", () => {
  show({ volume: volume({ ...NO_VOLUME, finding: finding({ code: "trades.unread", cause: "Trades could not be read." }) }) });
  expect(screen.getByTestId("available-USDT").textContent).toBe("812.4");
  expect(screen.getByTestId("volume-total").textContent).toBe("unknown");
  expect(screen.getByTestId("finding").textContent).toContain("Trades could not be read.");
});

describe("one problem of state and balance", () => {
  const blocking = finding({ history: { id: "f1", count: 2, note: "We told Coinstore." } });
  const stale = balanceReading(balance({ status: "stale", finding: finding() }));

  test("is told with its note", () => {
    expect(recorded(stale, blocking)).toMatchObject({ kind: "stale", finding: { history: { note: "We told Coinstore." } } });
  });

  test("is not mixed up with another", () => {
    expect(recorded(stale, { ...blocking, code: "book.stale" })).toBe(stale);
    expect(recorded(stale, null)).toBe(stale);
  });
});

describe("numbers that the page has not renewed", () => {
  const fresh = balanceReading(balance({ age_seconds: 2 }));

  test("are fresh for a while", () => {
    expect(aged(fresh, 0, 20_000).kind).toBe("ok");
  });

  test("then turn stale, with their own time as the time since", () => {
    expect(aged(fresh, 0, 60_000)).toMatchObject({ kind: "stale", finding: { code: "page.behind", since: "2026-11-21T10:00:00Z" } });
  });

  test("keep what must be read beside them", () => {
    const noted = balanceReading(balance({ finding: finding({ code: "balance.other_wallet" }) }));
    expect(aged(noted, 0, 60_000)).toMatchObject({ kind: "stale", finding: { code: "balance.other_wallet" } });
  });

  test("a known cause is not replaced", () => {
    const stale = balanceReading(balance({ status: "stale", finding: finding() }));
    expect(aged(stale, 0, 600_000)).toBe(stale);
  });
});

describe("whose orders hold what is locked", () => {
  test("this bot, other bots, people: to the last digit", () => {
    const [SHARP, USDT] = ["1953.15", "49.98"];
    show({ locked_by: { this_bot: { SHARP, USDT }, other_bots: { SHARP: "0", USDT: "12.5" }, by_hand: { SHARP: "0.00000034", USDT: "0" } } });
    expect(screen.getByTestId("locked-by-this_bot-SHARP").textContent).toBe("1953.15");
    expect(screen.getByTestId("locked-by-other_bots-USDT").textContent).toBe("12.5");
    expect(screen.getByTestId("locked-by-by_hand-SHARP").textContent).toBe("0.00000034");
    expect(screen.getByTestId("locked-by-by_hand-USDT").textContent).toBe("0");
  });

  test("not known is no 0", () => {
    show({ locked_by: null });
    expect(screen.getByTestId("locked-by").querySelector("[data-amount]")).toBeNull();
    expect(screen.getByTestId("locked-by-by_hand-USDT").textContent).toBe("unknown");
  });

  test("a list that does not say shows nothing of it", () => {
    show({});
    expect(screen.queryByTestId("locked-by")).toBeNull();
  });
});
