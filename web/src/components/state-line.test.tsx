import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { StateCode } from "@/api/types";
import { StateLine } from "@/components/state-line";

afterEach(cleanup);

const LATER = "2126-11-21T10:00:00Z";

test.each<[StateCode, string]>([
  ["halted", "goes on at"],
  ["held", "the hold ends at"],
  ["waiting", "goes on at"],
  ["blocked", "tries again at"],
])("%s says what comes at its time: %s", (code, words) => {
  render(<StateLine state={{ code, text: "as the server says", since: "2026-11-21T10:00:00Z", reason: "limit.fees", until: LATER, finding: null }} />);
  expect(screen.getByTestId("until").textContent).toContain(words);
  expect(screen.getByTestId("state").textContent).toContain("As the server says");
});

test("killed has no time of its own: only a person ends it", () => {
  render(<StateLine state={{ code: "killed", text: "killed", since: "2026-11-21T10:00:00Z", reason: "kill.active", until: null, finding: null }} />);
  expect(screen.queryByTestId("until")).toBeNull();
});
