import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type { Client, ClientPage, Connector, ConnectorBalances, ConnectorCheck, ConnectorDraft, Exchange, Ladder, SavedConnector } from "@/api/types";

const MAX_PAGES = 20;
/** A check waits for an exchange that may not answer at all. */
const CHECK_TIMEOUT_MS = 90_000;

export function useClients() {
  return useQuery({
    queryKey: keys.clients,
    queryFn: async ({ signal }) => {
      const clients: Client[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const path: string = cursor === null ? "/clients" : `/clients?cursor=${encodeURIComponent(cursor)}`;
        const answer: ClientPage = await ask<ClientPage>(path, { signal });
        clients.push(...answer.clients);
        cursor = answer.next;
        if (cursor === null) break;
      }
      return clients;
    },
  });
}

export function useCreateClient() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: { name: string; account: string }) => ask<Client>("/clients", { method: "POST", body: draft }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.clients }),
  });
}

export function useConnectors(clientId: string | null) {
  return useQuery({
    queryKey: keys.connectors(clientId ?? ""),
    queryFn: ({ signal }) => ask<{ connectors: Connector[] }>(`/clients/${clientId ?? ""}/connectors`, { signal }),
    select: (answer) => answer.connectors,
    enabled: clientId !== null,
  });
}

/** All that lies in its account at the exchange. */
export function useConnectorBalances(clientId: string, connectorId: string) {
  return useQuery({
    queryKey: keys.balances(clientId, connectorId),
    queryFn: ({ signal }) => ask<ConnectorBalances>(`/clients/${clientId}/connectors/${connectorId}/balances`, { signal }),
    refetchInterval: useRefetchInterval(),
  });
}

/** The server checks the key first; `save_anyway` saves it all the same. */
export function useSaveConnector(clientId: string, connectorId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: ConnectorDraft) =>
      connectorId === null
        ? ask<SavedConnector>(`/clients/${clientId}/connectors`, { method: "POST", body: draft, timeoutMs: CHECK_TIMEOUT_MS })
        : ask<SavedConnector>(`/clients/${clientId}/connectors/${connectorId}`, { method: "PUT", body: draft, timeoutMs: CHECK_TIMEOUT_MS }),
    onSuccess: (saved) => {
      if (saved.check !== null) queries.setQueryData<Ladder>(keys.check(saved.id), saved.check);
      return Promise.all([
        queries.invalidateQueries({ queryKey: keys.connectors(clientId) }),
        queries.invalidateQueries({ queryKey: keys.bots }),
      ]);
    },
  });
}

/** A person says that what was found on its account and is not ours is known: new orders go on. */
export function useAnswerForStrangers(clientId: string, connectorId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      ask<SavedConnector>(`/clients/${clientId}/connectors/${connectorId}`, {
        method: "PUT",
        body: { answers_for_strangers: true } satisfies ConnectorDraft,
        timeoutMs: CHECK_TIMEOUT_MS,
      }),
    onSuccess: () =>
      Promise.all([keys.connectors(clientId), keys.findings, keys.bots].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

export function useDeleteConnector(clientId: string, connectorId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => ask<unknown>(`/clients/${clientId}/connectors/${connectorId}`, { method: "DELETE" }),
    onSuccess: () => Promise.all([
      queries.invalidateQueries({ queryKey: keys.connectors(clientId) }),
      queries.invalidateQueries({ queryKey: keys.bots }),
    ]),
  });
}

export function useExchanges() {
  return useQuery({
    queryKey: keys.exchanges,
    queryFn: ({ signal }) => ask<{ exchanges: Exchange[] }>("/exchanges", { signal }),
    select: (answer) => answer.exchanges,
    staleTime: Infinity,
  });
}

/** Runs the whole check now; what it found stays with the connector until the page goes. */
export function useCheckConnector(clientId: string, connectorId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      ask<ConnectorCheck>(`/clients/${clientId}/connectors/${connectorId}/check`, { method: "POST", timeoutMs: CHECK_TIMEOUT_MS }),
    onSuccess: (check) => queries.setQueryData<Ladder>(keys.check(connectorId), check.ladder),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.connectors(clientId) }),
  });
}

/** What the last check of this page found, be it at saving or by the button; undefined: none was made here. */
export function useLastCheck(connectorId: string): Ladder | undefined {
  return useQuery<Ladder>({ queryKey: keys.check(connectorId), queryFn: skipToken, staleTime: Infinity, gcTime: Infinity }).data;
}
