import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";

/** A page's surroundings, on a server that is a table of answers: path -> body, or a status to refuse with. */
export function renderPage(page: ReactNode, answers: Record<string, unknown>, at = "/"): RenderResult & { queries: QueryClient } {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  serve(answers);
  const shown = render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={[at]}>{page}</MemoryRouter>
    </QueryClientProvider>,
  );
  return { ...shown, queries };
}

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** Answers from the table; what was asked is kept in the list that it returns. */
export function serve(answers: Record<string, unknown>): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    asked.push({ method, path, body: typeof init.body === "string" ? JSON.parse(init.body) : undefined });
    const answer = answers[`${method} ${path}`] ?? answers[path];
    if (answer === undefined) return Promise.reject(new TypeError("no route to host"));
    const status = typeof answer === "object" && answer !== null && "status" in answer && typeof answer.status === "number" ? answer.status : 200;
    return Promise.resolve(new Response(JSON.stringify(answer), { status }));
  });
  return asked;
}
