import { describe, expect, test } from "vitest";

import { compareDecimals, decimalParts, decimals, isZero, shifted } from "@/lib/decimal";

describe("decimalParts", () => {
  test.each([
    ["0", false, ["0"], null],
    ["0.00000034", false, ["0"], "00000034"],
    ["812.4", false, ["812"], "4"],
    ["1000", false, ["1", "000"], null],
    ["-12345.60", true, ["12", "345"], "60"],
    ["171690026.123456789012345678", false, ["171", "690", "026"], "123456789012345678"],
  ])("%s keeps every digit", (text, negative, groups, fraction) => {
    expect(decimalParts(text)).toEqual({ negative, groups, fraction });
  });

  test.each(["", " ", "NaN", "1e-7", "1,000", "0x10", ".5", "5.", "Infinity", "--1"])("%j is no amount", (text) => {
    expect(decimalParts(text)).toBeNull();
  });
});

test.each([
  ["0", "0.000", 0],
  ["-0", "0", 0],
  ["9", "10", -1],
  ["0.1", "0.09", 1],
  ["0.10", "0.1", 0],
  ["-2", "1", -1],
  ["-2", "-10", 1],
  ["171690026.123456789012345678", "171690026.123456789012345679", -1],
  ["not a number", "0", -1],
  ["0", "not a number", 1],
] as const)("compareDecimals(%s, %s) is %d", (a, b, order) => {
  expect(compareDecimals(a, b)).toBe(order);
});

test("zero is told from small", () => {
  expect(isZero("0")).toBe(true);
  expect(isZero("0.00")).toBe(true);
  expect(isZero("0.00000001")).toBe(false);
  expect(decimals("0.025610")).toBe(6);
  expect(decimals("7")).toBe(0);
});

describe("shifted", () => {
  test.each([
    ["0.02", 2, "2"],
    ["0.0125", 2, "1.25"],
    ["1", 2, "100"],
    ["0", 2, "0"],
    ["2", -2, "0.02"],
    ["1.25", -2, "0.0125"],
    ["100", -2, "1"],
    ["-250.5", -2, "-2.505"],
    ["0.1", -3, "0.0001"],
    ["171690026.123456789012345678", -2, "1716900.26123456789012345678"],
  ])("%s by %i is %s", (text, places, moved) => {
    expect(shifted(text, places)).toBe(moved);
  });

  test("what is no number stays none", () => {
    expect(shifted("2 %", -2)).toBeNull();
  });
});
