import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Until } from "@/components/age";
import { clockTime } from "@/lib/time";

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime("2026-11-21T10:00:00Z");
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("says when it tries again, and in how long", () => {
  const time = "2026-11-21T10:00:12Z";
  render(<Until time={time} verb="tries again" />);
  expect(screen.getByTestId("until").textContent).toBe(`tries again at ${clockTime(time, Date.now())}, in 12 s`);
});

test("a time that has come is now, never a negative or a 0", () => {
  render(<Until time="2026-11-21T09:59:00Z" verb="tries again" />);
  expect(screen.getByTestId("until").textContent).toBe("tries again now");
});
