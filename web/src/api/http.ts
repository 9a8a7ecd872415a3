/** One way to ask the server. Every failure is a `Problem` that a page can show. */

import type { Ladder } from "@/api/types";

export interface FieldError {
  field: string;
  reason: string;
}

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** HTTP status; 0: no answer came. */
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    /** What to do about it; null when the server did not say. */
    readonly remedy: string | null = null,
    readonly fields: readonly FieldError[] = [],
    /** What was checked, where a check is why the server refused. */
    readonly ladder: Ladder | null = null,
  ) {
    super(`${title}: ${detail}`);
  }
}

export const OFFLINE = "page.offline";

const TIMEOUT_MS = 30_000;

interface Asking {
  method?: string;
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export async function ask<T>(path: string, init: Asking = {}): Promise<T> {
  const { method = "GET", body, signal, timeoutMs = TIMEOUT_MS } = init;
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      credentials: "same-origin",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: body === undefined ? { accept: "application/json" } : { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Problem(0, OFFLINE, "The server does not answer", "This page cannot reach the trading-bridge server.", "Check that it runs and that this device is online. The page keeps asking.");
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  let value: unknown;
  try {
    value = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw unreadable(response.status);
  }
  if (!response.ok) throw problemOf(response.status, value);
  return value as T;
}

function unreadable(status: number): Problem {
  return new Problem(status, "page.unreadable", "The answer cannot be read", `Something between this page and the server answered with status ${status} and no JSON.`, "Check the proxy in front of the server.");
}

export function problemOf(status: number, value: unknown): Problem {
  if (typeof value !== "object" || value === null) return unreadable(status);
  const body = value as Record<string, unknown>;
  const detail = text(body.detail) ?? text(body.title) ?? `The server refused (status ${status})`;
  // RFC 9457: with `about:blank` the title is but the name of the status
  const title = body.type === "about:blank" ? detail : (text(body.title) ?? detail);
  return new Problem(status, text(body.code) ?? `http.${status}`, title, detail, text(body.remedy), fieldErrors(body), ladderOf(body.ladder));
}

function fieldErrors(body: Record<string, unknown>): FieldError[] {
  const listed = Array.isArray(body.errors) ? body.errors : [];
  const errors = listed.flatMap((one: unknown): FieldError[] => {
    if (typeof one !== "object" || one === null) return [];
    const row = one as Record<string, unknown>;
    const field = text(row.field);
    const reason = text(row.message);
    return field === null || reason === null ? [] : [{ field, reason }];
  });
  const field = text(body.field);
  if (field !== null && !errors.some((one) => one.field === field)) {
    errors.unshift({ field, reason: text(body.detail) ?? "Not accepted." });
  }
  return errors;
}

/** Only of our own server, whose document says what it holds. */
function ladderOf(value: unknown): Ladder | null {
  return typeof value === "object" && value !== null && "steps" in value && Array.isArray(value.steps) ? (value as Ladder) : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Whatever a query or mutation threw, as something to show. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "page.bug", "This page failed", error instanceof Error ? error.message : String(error), "Reload the page. If it comes back, tell the operator what you did.");
}
