import { expect, test } from "vitest";

import { budgetOf, changeOf } from "./budget";

const BUDGET = { base: "125000.5", quote: "812.4" };

test("both empty is none; a 0 is an amount", () => {
  expect(budgetOf({ base: " ", quote: "" })).toBeNull();
  expect(budgetOf({ base: "0", quote: " 812.4 " })).toEqual({ base: "0", quote: "812.4" });
});

test("an edit sends the budget only where somebody changed it", () => {
  expect(changeOf(BUDGET, { ...BUDGET })).toEqual({});
  expect(changeOf(null, { base: "", quote: "" })).toEqual({});
  expect(changeOf(BUDGET, { base: "", quote: "" })).toEqual({ budget: null });
  expect(changeOf(null, BUDGET)).toEqual({ budget: BUDGET });
});
