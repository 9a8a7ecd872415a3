import { expect, test } from "vitest";

import { clockTime, duration, secondsBetween } from "@/lib/time";

test.each([
  [-3, "0 s"],
  [0, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3600, "1 h"],
  [7500, "2 h 5 min"],
  [86400, "1 d"],
  [273600, "3 d 4 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("the day is named when it is another", () => {
  const now = new Date(2026, 10, 21, 14, 3, 21).getTime();
  expect(clockTime(new Date(2026, 10, 21, 9, 5, 1).toISOString(), now)).toBe("09:05:01");
  expect(clockTime(new Date(2026, 10, 20, 9, 5, 1).toISOString(), now)).toBe("20 Nov, 09:05:01");
  expect(clockTime("yesterday", now)).toBe("at an unreadable time");
});

test("a time ahead of this machine's clock is no negative age", () => {
  expect(secondsBetween("2026-11-21T12:00:10Z", Date.parse("2026-11-21T12:00:00Z"))).toBe(0);
});
