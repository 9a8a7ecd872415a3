import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { LiveStream } from "@/api/live";

class Stream extends EventTarget {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  close(): void {
    this.closed = true;
  }
  say(kind: string, id: string): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify({ id }) }));
  }
}

let opened: Stream[];
let asked: string[];
let live: LiveStream;

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  asked = [];
  const queries = new QueryClient();
  vi.spyOn(queries, "invalidateQueries").mockImplementation((filters) => {
    asked.push(JSON.stringify(filters?.queryKey ?? "everything"));
    return Promise.resolve();
  });
  live = new LiveStream(queries, () => {
    const stream = new Stream();
    opened.push(stream);
    return stream as unknown as EventSource;
  });
  live.start();
});

afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

function stream(): Stream {
  const last = opened.at(-1);
  if (last === undefined) throw new Error("no stream was opened");
  return last;
}

test("an event asks again for what changed", () => {
  stream().onopen?.();
  stream().say("bot", "b1");
  expect(live.state()).toEqual({ kind: "live" });
  expect(asked).toContain('["bots"]');
  vi.advanceTimersByTime(1000);
  expect(asked).toContain('["bot","b1"]');
});

test("a finding refreshes what lists findings, a bot what is known of it", () => {
  stream().onopen?.();
  stream().say("finding", "f1");
  stream().say("bot", "b1");
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual(expect.arrayContaining(['["findings"]', '["connectors"]', '["findings","bot","b1"]']));
});

test("kills, holds and what a connector shows of funds are asked for again", () => {
  stream().onopen?.();
  for (const kind of ["kill", "hold", "connector"]) stream().say(kind, "x1");
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual(expect.arrayContaining(['["kills"]', '["holds"]', '["transfers"]']));
});

test("a storm of events asks at most once a second", () => {
  stream().onopen?.();
  for (let n = 0; n < 500; n += 1) stream().say("bot", "b1");
  expect(asked.filter((key) => key === '["bots"]')).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  expect(asked.filter((key) => key === '["bots"]')).toHaveLength(2);
});

test("a dropped stream says that it polls, since when, and opens anew", () => {
  stream().onopen?.();
  const before = Date.now();
  stream().onerror?.();
  expect(live.state()).toEqual({ kind: "polling", since: before });
  vi.advanceTimersByTime(1000);
  expect(opened).toHaveLength(2);
  stream().onerror?.();
  expect(live.state()).toEqual({ kind: "polling", since: before });
  vi.advanceTimersByTime(2000);
  stream().onopen?.();
  expect(live.state()).toEqual({ kind: "live" });
  expect(asked).toContain('"everything"');
});

test("a stopped stream stays closed", () => {
  stream().onerror?.();
  live.stop();
  vi.advanceTimersByTime(60_000);
  expect(opened).toHaveLength(1);
  expect(stream().closed).toBe(true);
});
