import type { Finding } from "@/api/types";

type Words = Pick<Finding, "code" | "title" | "cause" | "fix" | "since">;

/** What the page itself found: the server did not say it, so of orders and money it claims nothing. */
export function pageFinding(words: Words): Finding {
  return {
    ...words,
    severity: "warning",
    parameters: {},
    evidence: null,
    effect: "unknown",
    for_client: { text: words.title, money: "This page cannot tell.", who_acts: "operator" },
    history: null,
  };
}

export function isOfPage(finding: Finding): boolean {
  return finding.code.startsWith("page.");
}
