import { expect, test } from "vitest";

import { asText, configOf, grouped, settings } from "./config-schema";

const TYPE = {
  id: "spread",
  label: "Spread",
  startable: true,
  parameters: {
    required: ["side"],
    properties: {
      spread_bps: { anyOf: [{ type: "number", minimum: 0.5, maximum: 2000 }, { type: "string" }], default: "40", description: "How far." },
      order_amount_quote: { anyOf: [{ type: "number", exclusiveMinimum: 0 }, { type: "string" }], default: "50" },
      refresh_tolerance_bps: { anyOf: [{ type: "number" }, { type: "string" }, { type: "null" }], default: null },
      side: { enum: ["buy", "sell"] },
      post_only: { type: "boolean", default: true },
    },
  },
};

test("the server's schema becomes fields that people can read", () => {
  expect(settings(TYPE)).toMatchObject([
    { key: "spread_bps", label: "Spread, basis points", kind: "decimal", byDefault: "40", range: "from 0.5 to 2000", required: false },
    { key: "order_amount_quote", label: "Order amount, in the quote currency", range: "above 0" },
    { key: "refresh_tolerance_bps", kind: "decimal", byDefault: null, required: false },
    { key: "side", kind: "choice", choices: ["buy", "sell"], required: true },
    { key: "post_only", kind: "flag", byDefault: "true" },
  ]);
});

test("settings stand together by what they belong to", () => {
  const properties = { a: { group: "Price" }, b: { group: "Orders" }, c: { group: "Price" }, d: {} };
  const found = grouped(settings({ ...TYPE, parameters: { properties } }));
  expect(found.map((one) => [one.name, one.settings.map((setting) => setting.key)])).toEqual([
    ["Price", ["a", "c"]],
    ["Orders", ["b"]],
    [null, ["d"]],
  ]);
});

test("decimals are sent as the text that was typed, empty fields not at all", () => {
  const typed = { spread_bps: " 0.30 ", order_amount_quote: "", post_only: "false", unknown: "1" };
  expect(configOf(settings(TYPE), typed)).toEqual({ spread_bps: "0.30", post_only: false });
});

test("what is stored fills the fields", () => {
  expect(["40", null, true].map(asText)).toEqual(["40", "", "true"]);
});
