import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask, Problem } from "@/api/http";
import { keys } from "@/api/keys";
import type { Me } from "@/api/types";

/** Who is signed in; null: nobody. */
export function useMe() {
  return useQuery({
    queryKey: keys.me,
    queryFn: async ({ signal }) => {
      try {
        return await ask<Me>("/auth/me", { signal });
      } catch (error) {
        if (error instanceof Problem && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    // The cookie carries the session; the token in the answer is for programs and is not kept here.
    mutationFn: (given: { email: string; password: string }) => ask<unknown>("/auth/login", { method: "POST", body: given }),
    // "nobody" was the last answer, and no longer holds
    onSuccess: () => queries.removeQueries({ queryKey: keys.me }),
  });
}

export function useSetUp() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (given: { token: string; email: string; password: string }) =>
      ask<unknown>("/auth/setup", { method: "POST", body: given }),
    onSuccess: () => queries.removeQueries({ queryKey: keys.me }),
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => ask<unknown>("/auth/logout", { method: "POST" }),
    onSuccess: () => {
      queries.setQueryData(keys.me, null);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
    },
  });
}
