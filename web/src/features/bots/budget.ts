import type { Bot, Budget } from "@/api/types";

/** As it is typed: "" for none. */
export interface Given {
  base: string;
  quote: string;
}

export const NO_BUDGET: Given = { base: "", quote: "" };

export function givenOf(budget: Bot["budget"]): Given {
  return budget === null ? NO_BUDGET : { base: budget.base, quote: budget.quote };
}

/** Null: the whole account. */
export function budgetOf({ base, quote }: Given): Budget | null {
  const [some, other] = [base.trim(), quote.trim()];
  return some === "" && other === "" ? null : { base: some, quote: other };
}

/** What is sent on an edit: nothing where nobody touched it, so that saving another setting never moves it. */
export function changeOf(before: Bot["budget"], given: Given): { budget?: Budget | null } {
  const { base, quote } = givenOf(before);
  return given.base.trim() === base && given.quote.trim() === quote ? {} : { budget: budgetOf(given) };
}

/** Fields of the server's refusals that the form shows. */
export const BUDGET_FIELDS = ["budget", "budget.base", "budget.quote"];
