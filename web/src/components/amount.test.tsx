import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { Amount } from "@/components/amount";

afterEach(cleanup);

test.each(["0", "0.00000034", "812.4", "125000.5", "-0.00012", "171690026.123456789012345678", "5000000000"])(
  "%s is on the page to its last digit, and copies as it is",
  (value) => {
    const { container } = render(<Amount value={value} />);
    expect(container.textContent).toBe(value);
    expect(container.querySelector("[data-unmeasured]")).toBeNull();
  },
);

test("the currency follows the number", () => {
  const { container } = render(<Amount value="812.4" currency="USDT" />);
  expect(container.textContent).toBe("812.4 USDT");
});

test.each(["", "NaN", "1e-7", "null"])("%j is no number, and is not drawn as one", (value) => {
  const { container } = render(<Amount value={value} />);
  expect(container.querySelector("[data-unmeasured]")).not.toBeNull();
  expect(container.querySelector("[data-amount]")).toBeNull();
});
