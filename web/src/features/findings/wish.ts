import { useSearchParams } from "react-router";

import type { FindingState } from "@/api/findings";

export const STATES = ["open", "resolved"] as const satisfies readonly FindingState[];

export interface Wish {
  state: FindingState;
  /** Null: of every client. */
  clientId: string | null;
  /** "" on the first page. */
  cursor: string;
}

/** What is listed lives in the address; another list starts at its first page. */
export function useWish(): [Wish, (change: Partial<Wish>) => void] {
  const [params, setParams] = useSearchParams();
  const wish = wishOf(params);
  return [wish, (change) => setParams(paramsOf({ ...wish, cursor: "", ...change }), { replace: change.cursor === undefined })];
}

export function wishOf(params: URLSearchParams): Wish {
  return {
    state: STATES.find((one) => one === params.get("state")) ?? "open",
    clientId: params.get("client"),
    cursor: params.get("cursor") ?? "",
  };
}

export function paramsOf({ state, clientId, cursor }: Wish): URLSearchParams {
  const params = new URLSearchParams();
  if (state !== "open") params.set("state", state);
  if (clientId !== null) params.set("client", clientId);
  if (cursor !== "") params.set("cursor", cursor);
  return params;
}
