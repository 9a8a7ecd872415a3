import { useQuery } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type { HealthDetail } from "@/api/types";

/** The process in detail: its lease, and what it would leave behind. */
export function useHealthDetail() {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: keys.health,
    queryFn: ({ signal }) => ask<HealthDetail>("/health/detail", { signal }),
    refetchInterval,
  });
}
