import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import type { Client, ClientPage, Connector, ConnectorDraft, Exchange } from "@/api/types";

const MAX_PAGES = 20;

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

export function useSaveConnector(clientId: string, connectorId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: ConnectorDraft) =>
      connectorId === null
        ? ask<Connector>(`/clients/${clientId}/connectors`, { method: "POST", body: draft })
        : ask<Connector>(`/clients/${clientId}/connectors/${connectorId}`, { method: "PUT", body: draft }),
    onSuccess: () => Promise.all([
      queries.invalidateQueries({ queryKey: keys.connectors(clientId) }),
      queries.invalidateQueries({ queryKey: keys.bots }),
    ]),
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

/** Signs one read with the key now; what came of it is in the connector's row. */
export function useCheckConnector(clientId: string, connectorId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => ask<unknown>(`/clients/${clientId}/connectors/${connectorId}/check`, { method: "POST" }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.connectors(clientId) }),
  });
}
