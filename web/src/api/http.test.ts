import { expect, test, vi } from "vitest";

import { ask, OFFLINE, Problem, problemOf } from "@/api/http";
import { serve } from "@/testing/render";

test("a refusal names its field, its reason and what to do", () => {
  const problem = problemOf(400, {
    title: "Bad Request",
    status: 400,
    detail: "The pair SHARPUSDT is not in the form BASE/QUOTE.",
    code: "pair.malformed",
    field: "pair",
    remedy: "Write it like SHARP/USDT.",
  });
  expect(problem).toMatchObject({ code: "pair.malformed", remedy: "Write it like SHARP/USDT." });
  expect(problem.fields).toEqual([{ field: "pair", reason: "The pair SHARPUSDT is not in the form BASE/QUOTE." }]);
});

test("the name of a status is no title", () => {
  expect(problemOf(409, { type: "about:blank", title: "Conflict", detail: "The bot has no connector." }).title).toBe("The bot has no connector.");
});

test("a malformed body names every field", () => {
  const problem = problemOf(422, { detail: "x", errors: [{ field: "name", message: "Field required" }, { field: null, message: "?" }] });
  expect(problem.fields).toEqual([{ field: "name", reason: "Field required" }]);
});

test("no answer is a problem of its own", async () => {
  serve({});
  await expect(ask("/bots")).rejects.toMatchObject({ status: 0, code: OFFLINE });
});

test("an answer that is no JSON is a problem, not data", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>bad gateway", { status: 502 })));
  await expect(ask("/bots")).rejects.toBeInstanceOf(Problem);
});
