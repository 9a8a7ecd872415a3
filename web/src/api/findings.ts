import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/http";
import { keys } from "@/api/keys";
import { useRefetchInterval } from "@/api/live";
import type { DecisionPage, Finding, FindingPage, RecordedFinding } from "@/api/types";

export type FindingState = "open" | "resolved";

/** `state` open: all that hold, what causes others first; resolved: a page of those that are over. */
export function useFindings(state: FindingState, clientId: string | null, cursor: string | null) {
  const refetchInterval = useRefetchInterval();
  const params = new URLSearchParams({ state });
  if (clientId !== null) params.set("client_id", clientId);
  if (cursor !== null) params.set("cursor", cursor);
  return useQuery<FindingPage>({
    queryKey: keys.findingsOf(state, clientId, cursor),
    queryFn: ({ signal }) => ask<FindingPage>(`/findings?${params}`, { signal }),
    refetchInterval,
    // another page of this list keeps the old one until it comes; another list never shows this one's rows
    placeholderData: (previous, query) =>
      query?.queryKey[1] === state && query.queryKey[2] === (clientId ?? "") ? previous : undefined,
  });
}

/** What holds anywhere; the overview, the navigation and the findings page share the answer. */
export function useOpenFindings() {
  return useFindings("open", null, null);
}

/** The finding with its row, where the answer that carried it did not name one: its note and its text for support. */
export function useRecorded(finding: Finding | null, subjectId: string): Finding | null {
  const open = useOpenFindings();
  if (finding?.history !== null) return finding;
  return open.data?.findings.find((one) => one.subject.id === subjectId && one.finding.code === finding.code)?.finding ?? finding;
}

/** Of a bot and of all that it rests on. */
export function useBotFindings(id: string, cursor: string | null) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: [...keys.findingsOfBot(id), cursor],
    queryFn: ({ signal }) => ask<FindingPage>(paged(`/bots/${id}/findings`, cursor), { signal }),
    refetchInterval,
    placeholderData: keepPreviousData,
  });
}

/** Why the bot does what it does now, and what it decided before. */
export function useDecisions(id: string, cursor: string | null) {
  const refetchInterval = useRefetchInterval();
  return useQuery({
    queryKey: [...keys.botPart(id, "decisions"), cursor],
    queryFn: ({ signal }) => ask<DecisionPage>(paged(`/bots/${id}/decisions`, cursor), { signal }),
    refetchInterval,
    placeholderData: keepPreviousData,
  });
}

function paged(path: string, cursor: string | null): string {
  return cursor === null ? path : `${path}?cursor=${encodeURIComponent(cursor)}`;
}

/** The finding as text for the support of an exchange. */
export function useEvidenceText(findingId: string) {
  return useMutation({ mutationFn: () => ask<{ text: string }>(`/findings/${findingId}/evidence`) });
}

/** Pins the operator's words to a finding; "" takes them away. */
export function useSetNote(findingId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (note: string) =>
      ask<RecordedFinding>(`/findings/${findingId}/note`, { method: "PUT", body: { note: note.trim() === "" ? null : note.trim() } }),
    onSuccess: () =>
      Promise.all([keys.findings, keys.bots, ["bot"], ["connectors"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
