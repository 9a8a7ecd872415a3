import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type {
  BalanceAndVolume,
  BalanceDebug,
  Bot,
  BotChange,
  BotDraft,
  BotPage,
  BotType,
  Chart,
  OrderPage,
  TradePage,
} from "@/api/types";

/** 100 bots a page; past this the list says that it is cut. */
const MAX_PAGES = 20;

export interface BotList {
  bots: Bot[];
  /** There are more than the page asked for. */
  cut: boolean;
}

async function listBots(account: string | null, signal: AbortSignal): Promise<BotList> {
  const bots: Bot[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = new URLSearchParams({ include: "balance" });
    if (account !== null) params.set("account", account);
    if (cursor !== null) params.set("cursor", cursor);
    const answer: BotPage = await ask<BotPage>(`/bots?${params}`, { signal });
    bots.push(...answer.bots);
    cursor = answer.next;
    if (cursor === null) return { bots, cut: false };
  }
  return { bots, cut: true };
}

/** Bots with their balances: all of them, or one client's. */
export function useBots(account: string | null) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: keys.botsOf(account),
    queryFn: ({ signal }) => listBots(account, signal),
    refetchInterval,
  });
}

export function useBot(id: string) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: keys.botPart(id, "row"),
    queryFn: async ({ signal }) => {
      const bot = await ask<Bot>(`/bots/${id}`, { signal });
      if (bot.balance_and_volume !== undefined && bot.balance_and_volume !== null) return bot;
      return { ...bot, balance_and_volume: await ask<BalanceAndVolume>(`/bots/${id}/balance-and-volume`, { signal }) };
    },
    refetchInterval,
  });
}

/** The newest trades; `cursor` asks for older ones. */
export function useTrades(id: string, cursor: string | null, enabled: boolean) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: [...keys.botPart(id, "trades"), cursor],
    queryFn: ({ signal }) => ask<TradePage>(paged(`/bots/${id}/trades`, cursor), { signal }),
    refetchInterval,
    enabled,
    placeholderData: keepPreviousData,
  });
}

export function useOrders(id: string, cursor: string | null) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: [...keys.botPart(id, "orders"), cursor],
    queryFn: ({ signal }) => ask<OrderPage>(paged(`/bots/${id}/orders`, cursor), { signal }),
    refetchInterval,
    placeholderData: keepPreviousData,
  });
}

function paged(path: string, cursor: string | null): string {
  return cursor === null ? path : `${path}?cursor=${encodeURIComponent(cursor)}`;
}

/** `enabled` is false while the chart is off screen: an open chart keeps the market's poller on. */
export function useChart(id: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.chart(id),
    queryFn: ({ signal }) => ask<Chart>(`/bots/${id}/chart`, { signal }),
    refetchInterval: 3000,
    enabled,
  });
}

/** Forces one read at the exchange, then puts its numbers into every list that shows the bot. */
export function useRefreshBalance(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => ask<BalanceAndVolume>(`/bots/${id}/balance-and-volume?refresh=true`),
    onSuccess: (fresh) => {
      patchBot(queries, id, (bot) => ({ ...bot, balance_and_volume: fresh }));
      // bots on one key share the read
      void queries.invalidateQueries({ queryKey: keys.bots });
    },
  });
}

/** What the server checked to say what it says; asked only when somebody looks. */
export function useBalanceDebug(id: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.debug(id),
    queryFn: ({ signal }) => ask<BalanceDebug>(`/bots/${id}/balance-debug`, { signal }),
    enabled,
    // it may send up to a dozen requests to the exchange: once, then when asked
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export function useSetStatus(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (verb: "start" | "stop") => ask<Bot>(`/bots/${id}/${verb}`, { method: "POST" }),
    onSuccess: (answer) => patchBot(queries, id, (bot) => ({ ...bot, status: answer.status, state: answer.state })),
    onSettled: () => Promise.all([
      queries.invalidateQueries({ queryKey: keys.bots }),
      queries.invalidateQueries({ queryKey: keys.bot(id) }),
    ]),
  });
}

/** Kinds of bot, each with the JSON Schema of its settings. */
export function useBotTypes() {
  return useQuery({
    queryKey: keys.botTypes,
    queryFn: ({ signal }) => ask<{ bot_types: BotType[] }>("/bot-types", { signal }),
    select: (answer) => answer.bot_types,
    staleTime: Infinity,
  });
}

export function useCreateBot() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: BotDraft) => ask<Bot>("/bots/create", { method: "POST", body: draft }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.bots }),
  });
}

export function useUpdateBot(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: BotChange) =>
      ask<Bot>(`/bots/${id}`, { method: "PUT", body: change }),
    onSuccess: () => Promise.all([
      queries.invalidateQueries({ queryKey: keys.bots }),
      queries.invalidateQueries({ queryKey: keys.bot(id) }),
    ]),
  });
}

export function useDeleteBot(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => ask<unknown>(`/bots/${id}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.bots }),
  });
}

function patchBot(queries: QueryClient, id: string, patch: (bot: Bot) => Bot): void {
  queries.setQueriesData<BotList>({ queryKey: keys.bots }, (list) =>
    list === undefined ? list : { ...list, bots: list.bots.map((bot) => (bot.id === id ? patch(bot) : bot)) },
  );
  queries.setQueryData<Bot>(keys.botPart(id, "row"), (bot) => (bot === undefined ? bot : patch(bot)));
}
