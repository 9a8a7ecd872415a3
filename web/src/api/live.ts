/** The server's stream of "X changed". It carries ids only: what changed is asked for again. */

import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { keys } from "@/api/keys";

export type Live = { kind: "connecting" } | { kind: "live" } | { kind: "polling"; since: number };

/** While the stream stands a slow poll remains: a line can die without a word. */
export const LIVE_INTERVAL_MS = 10_000;
export const POLL_INTERVAL_MS = 5000;
/** A bot that trades changes several times a second; pages ask again at most once in this time. */
const GATHER_MS = 1000;
const RETRY_MS = [1000, 2000, 5000, 10_000];

export type OpenStream = (url: string) => EventSource;

export class LiveStream {
  #state: Live = { kind: "connecting" };
  #listeners = new Set<() => void>();
  #source: EventSource | null = null;
  #retry: number | undefined;
  #attempts = 0;
  #pending = new Map<string, readonly unknown[]>();
  #gather: number | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly open: OpenStream = (url) => new EventSource(url),
  ) {}

  start(): void {
    if (this.#source !== null || this.#retry !== undefined) return;
    this.#connect();
  }

  stop(): void {
    window.clearTimeout(this.#retry);
    window.clearTimeout(this.#gather);
    this.#retry = undefined;
    this.#gather = undefined;
    this.#pending.clear();
    this.#source?.close();
    this.#source = null;
    this.#set({ kind: "connecting" });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  state = (): Live => this.#state;

  #connect(): void {
    this.#retry = undefined;
    const source = this.open("/api/events");
    this.#source = source;
    source.onopen = () => {
      const wasPolling = this.#state.kind === "polling";
      this.#attempts = 0;
      this.#set({ kind: "live" });
      // what changed while nobody listened
      if (wasPolling) void this.queries.invalidateQueries();
    };
    source.onerror = () => {
      // The browser's own retry gives up on any answer but 200, so the stream is always opened anew from here.
      source.close();
      this.#source = null;
      if (this.#state.kind !== "polling") this.#set({ kind: "polling", since: Date.now() });
      const wait = RETRY_MS[Math.min(this.#attempts, RETRY_MS.length - 1)] ?? 10_000;
      this.#attempts += 1;
      this.#retry = window.setTimeout(() => this.#connect(), wait);
    };
    source.addEventListener("bot", (event: MessageEvent<string>) => {
      this.#changed(keys.bots);
      const id = idOf(event);
      if (id === null) return;
      this.#changed(keys.bot(id));
      this.#changed(keys.findingsOfBot(id));
    });
    source.addEventListener("client", () => this.#changed(keys.clients));
    source.addEventListener("connector", () => {
      this.#changed(["connectors"]);
      this.#changed(keys.bots);
      this.#changed(keys.transfers);
    });
    source.addEventListener("kill", () => this.#changed(keys.kills));
    source.addEventListener("hold", () => this.#changed(keys.holds));
    source.addEventListener("finding", () => {
      this.#changed(keys.findings);
      this.#changed(["connectors"]);
    });
  }

  #changed(key: readonly unknown[]): void {
    this.#pending.set(JSON.stringify(key), key);
    if (this.#gather !== undefined) return;
    this.#flush();
    this.#gather = window.setTimeout(() => {
      this.#gather = undefined;
      this.#flush();
    }, GATHER_MS);
  }

  #flush(): void {
    for (const queryKey of this.#pending.values()) void this.queries.invalidateQueries({ queryKey });
    this.#pending.clear();
  }

  #set(state: Live): void {
    this.#state = state;
    this.#listeners.forEach((notify) => notify());
  }
}

function idOf(event: MessageEvent<string>): string | null {
  try {
    const data: unknown = JSON.parse(event.data);
    if (typeof data === "object" && data !== null && "id" in data && typeof data.id === "string") return data.id;
  } catch {
    // an event without an id refreshes the lists all the same
  }
  return null;
}

let current: LiveStream | null = null;

/** The page's one stream; set once at start. */
export function setLiveStream(stream: LiveStream): void {
  current = stream;
}

export function liveStream(): LiveStream | null {
  return current;
}

const CONNECTING: Live = { kind: "connecting" };

export function useLive(): Live {
  return useSyncExternalStore(
    (listener) => current?.subscribe(listener) ?? (() => undefined),
    () => current?.state() ?? CONNECTING,
  );
}

export function useRefetchInterval(): number {
  return useLive().kind === "live" ? LIVE_INTERVAL_MS : POLL_INTERVAL_MS;
}
