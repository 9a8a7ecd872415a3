/** Money that came or left other than by trading. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type { Transfer, TransferLabel, TransferPage } from "@/api/types";

interface Wish {
  /** Of the exchange account that this connector opens. */
  connectorId: string;
  /** Only those that nobody has labelled yet. */
  unlabelled: boolean;
  cursor: string | null;
}

export function useTransfers({ connectorId, unlabelled, cursor }: Wish) {
  const refetchInterval = useRefetchInterval();
  const params = new URLSearchParams({ connector: connectorId });
  if (unlabelled) params.set("unlabelled", "true");
  if (cursor !== null) params.set("cursor", cursor);
  return useQuery({
    queryKey: keys.transfersOf(connectorId, unlabelled, cursor),
    queryFn: ({ signal }) => ask<TransferPage>(`/transfers?${params}`, { signal }),
    refetchInterval,
    placeholderData: keepPreviousData,
  });
}

/** Says what it was; that may let held orders go on. */
export function useLabel(transferId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (said: { label: TransferLabel; note: string | null }) =>
      ask<Transfer>(`/transfers/${transferId}/label`, { method: "POST", body: said }),
    onSuccess: () => Promise.all([keys.transfers, keys.findings, ["connectors"], keys.bots].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
