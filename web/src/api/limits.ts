/** What bounds a bot, a client and the platform. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type { Limits, ScopeId } from "@/api/types";

function pathOf({ kind, id }: ScopeId): string {
  return `/limits/${kind}/${id === "" ? "-" : id}`;
}

export function useLimits(scope: ScopeId) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: keys.limitsOf(scope.kind, scope.id),
    queryFn: ({ signal }) => ask<Limits>(pathOf(scope), { signal }),
    refetchInterval,
  });
}

interface Change {
  /** By name; null takes one away, so that what stands above it holds. */
  values: Readonly<Record<string, string | null>>;
  /** A value that allows many times its default is meant. */
  confirm: boolean;
}

export function useSetLimits(scope: ScopeId) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ values, confirm }: Change) =>
      ask<Limits>(pathOf(scope), { method: "PUT", body: confirm ? { limits: values, confirm } : { limits: values } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.limits }),
  });
}
