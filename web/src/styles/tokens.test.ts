import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");

function block(start: string): Map<string, string> {
  const from = css.indexOf("{", css.indexOf(start));
  const body = css.slice(from, css.indexOf("}", from));
  return new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

const THEMES = { light: block(":root {"), dark: block(':root[data-theme="dark"]') };
const INKS = ["ink", "ink-2", "ink-3", "accent", "good", "warn", "bad", "buy", "sell"];

describe.each(Object.entries(THEMES))("%s", (_, theme) => {
  const colour = (name: string) => theme.get(name) ?? "missing";

  test.each(INKS.flatMap((ink) => ["ground", "sheet", "sunken"].map((ground) => [ink, ground])))(
    "%s on %s reads (WCAG AA)",
    (ink, ground) => {
      expect(contrast(colour(ink), colour(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each(["good", "warn", "bad"])("%s and the inks read on its wash", (tone) => {
    for (const ink of [tone, "ink", "ink-2"]) {
      expect(contrast(colour(ink), colour(`${tone}-wash`))).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("the accent carries its own ink", () => {
    expect(contrast(colour("on-accent"), colour("accent"))).toBeGreaterThanOrEqual(4.5);
  });
});

test("the dark theme is the same by choice and by the system's wish", () => {
  expect(block(':root:not([data-theme="light"])')).toEqual(THEMES.dark);
});
