import { asProblem } from "@/api/http";
import { clockTime } from "@/lib/time";
import { useNow } from "@/lib/use-now";

import { ProblemNote } from "./problem-note";

interface Props {
  /** Of a query that still holds older data. */
  error: unknown;
  receivedAt: number;
}

/** The last answer stays on the page; this says that it is the last, and why. */
export function BehindNote({ error, receivedAt }: Props) {
  const now = useNow();
  const problem = asProblem(error);
  return (
    <ProblemNote
      error={problem}
      action={<p>What stands below is from {clockTime(new Date(receivedAt).toISOString(), now)}.</p>}
    />
  );
}
