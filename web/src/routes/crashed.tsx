import { useRouteError } from "react-router";

import { ProblemNote } from "@/components/problem-note";

/** A bug of a page stays on that page, and says so. */
export function CrashedRoute() {
  return (
    <main className="alone">
      <ProblemNote error={useRouteError()} />
    </main>
  );
}
