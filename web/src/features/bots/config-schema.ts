import type { BotType } from "@/api/types";
import { sentence } from "@/lib/text";

/** One setting of a bot type, read from the JSON Schema that the server sends. */
export interface Setting {
  key: string;
  label: string;
  /** What it belongs to, as the type says; null: nothing is said. */
  group: string | null;
  hint: string | null;
  kind: "decimal" | "text" | "flag" | "choice";
  choices: readonly string[];
  required: boolean;
  /** As text; null: none. */
  byDefault: string | null;
  range: string | null;
}

export function settings(type: BotType): Setting[] {
  const properties = record(type.parameters.properties);
  const required = list(type.parameters.required);
  return Object.entries(properties).map(([key, raw]) => setting(key, record(raw), required.includes(key)));
}

export interface Group {
  name: string | null;
  settings: readonly Setting[];
}

/** Settings by what they belong to, in the order in which the type names them. */
export function grouped(all: readonly Setting[]): Group[] {
  const names = [...new Set(all.map((one) => one.group))];
  return names.map((name) => ({ name, settings: all.filter((one) => one.group === name) }));
}

function setting(key: string, schema: Record<string, unknown>, required: boolean): Setting {
  const choices = list(schema.enum).map(String);
  const hint = typeof schema.description === "string" ? schema.description : null;
  const byDefault = schema.default === undefined || schema.default === null ? null : asText(schema.default);
  const group = typeof schema.group === "string" ? schema.group : null;
  return { key, label: label(key), group, hint, kind: kind(schema, choices), choices, required, byDefault, range: range(schema) };
}

function kind(schema: Record<string, unknown>, choices: readonly string[]): Setting["kind"] {
  if (choices.length > 0) return "choice";
  const types = [schema, ...list(schema.anyOf).map(record)].map((one) => one.type);
  if (types.includes("boolean")) return "flag";
  return types.includes("number") || types.includes("integer") ? "decimal" : "text";
}

/** `from 0.5 to 2000` */
function range(schema: Record<string, unknown>): string | null {
  const all = [schema, ...list(schema.anyOf).map(record)];
  const bound = (name: string) => all.map((one) => one[name]).find((value) => typeof value === "number");
  const from = bound("minimum");
  const above = bound("exclusiveMinimum");
  const to = bound("maximum");
  const low = from === undefined ? (above === undefined ? null : `above ${above}`) : `from ${from}`;
  const parts = [low, to === undefined ? null : `to ${to}`].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" ");
}

const UNITS: [RegExp, string][] = [
  [/_bps$/, ", basis points"],
  [/_quote$/, ", in the quote currency"],
  [/_base$/, ", in the base currency"],
  [/_pct$/, ", percent"],
  [/_s$/, ", seconds"],
];

function label(key: string): string {
  const [pattern, unit] = UNITS.find(([one]) => one.test(key)) ?? [/$^/, ""];
  return sentence(key.replace(pattern, "").replaceAll("_", " ")) + unit;
}

export function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What the form holds, as the config that is sent: decimals stay text, an empty field takes the type's default. */
export function configOf(all: readonly Setting[], given: Readonly<Record<string, string>>): Record<string, string | boolean> {
  const config: Record<string, string | boolean> = {};
  for (const { key, kind: of } of all) {
    const text = (given[key] ?? "").trim();
    if (text === "") continue;
    config[key] = of === "flag" ? text === "true" : text;
  }
  return config;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
