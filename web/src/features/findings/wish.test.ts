import { expect, test } from "vitest";

import { paramsOf, wishOf } from "./wish";

test.each(["", "state=resolved", "client=c1", "state=resolved&client=c1&cursor=abc"])("%j is kept in the address as it is", (address) => {
  expect(paramsOf(wishOf(new URLSearchParams(address))).toString()).toBe(address);
});

test("a state that is none is open", () => {
  expect(wishOf(new URLSearchParams("state=guessed")).state).toBe("open");
});
