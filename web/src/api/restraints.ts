/** What keeps bots from sending: kills, holds, and limits that halted them. */

import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type { Bot, Hold, HoldDraft, Kill, KillDraft, Scope, ScopeId } from "@/api/types";

/** While orders are being cancelled their count is asked for each second. */
const PROGRESS_MS = 1000;

/** `active`: those that nobody re-armed yet, else those that are over. */
export function useKills(active: boolean) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: keys.killsOf(active),
    queryFn: ({ signal }) => ask<{ kills: Kill[] }>(`/kills?active=${active}`, { signal }),
    refetchInterval: (query) => (query.state.data?.kills.some((one) => one.state === "stopping") === true ? PROGRESS_MS : refetchInterval),
  });
}

export function useKill() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: KillDraft) => ask<Kill>("/kills", { method: "POST", body: draft }),
    onSettled: () => renew(queries),
  });
}

export function useRearm(killId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => ask<Kill>(`/kills/${killId}/rearm`, { method: "POST", body: { reason } }),
    onSuccess: () => renew(queries),
  });
}

/** `active`: those that hold now or will, else those that are over. */
export function useHolds(active: boolean) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: keys.holdsOf(active),
    queryFn: ({ signal }) => ask<{ holds: Hold[] }>(`/holds?active=${active}`, { signal }),
    refetchInterval,
  });
}

export function useMakeHold() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: HoldDraft) => ask<Hold>("/holds", { method: "POST", body: draft }),
    onSuccess: () => renew(queries),
  });
}

export function useLift(holdId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => ask<Hold>(`/holds/${holdId}/lift`, { method: "POST", body: { reason } }),
    onSuccess: () => renew(queries),
  });
}

/** Of a bot that a limit halted. */
export function useResume(botId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => ask<unknown>(`/bots/${botId}/resume`, { method: "POST", body: { reason } }),
    onSuccess: () => renew(queries),
  });
}

function renew(queries: QueryClient): Promise<unknown> {
  return Promise.all([keys.kills, keys.holds, keys.bots, ["bot"], keys.findings, keys.limits].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export const PLATFORM: Scope = { kind: "platform", id: "", name: "the platform" };

export function scopeOfBot(bot: Pick<Bot, "id" | "name">): Scope {
  return { kind: "bot", id: bot.id, name: bot.name };
}

/** Null: the bot has no connector yet, so no market of its own. */
export function scopeOfMarket(bot: Pick<Bot, "exchange" | "pair">): Scope | null {
  return bot.exchange === null ? null : { kind: "market", id: `${bot.exchange} ${bot.pair}`, name: `${bot.pair} at ${bot.exchange}` };
}

export function sameScope(one: ScopeId, other: ScopeId): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/** Whether what holds for the scope holds for the bot. */
export function covers(scope: ScopeId, bot: Pick<Bot, "id" | "client_id" | "exchange" | "pair">): boolean {
  switch (scope.kind) {
    case "platform":
      return true;
    case "client":
      return scope.id === bot.client_id;
    case "market":
      return bot.exchange !== null && scope.id === `${bot.exchange} ${bot.pair}`;
    case "bot":
      return scope.id === bot.id;
  }
}
