import type { LadderStep } from "@/api/types";

/** `11 steps passed`, `4 steps passed, 1 failed, 6 skipped`. */
export function inCounts(steps: readonly Pick<LadderStep, "outcome">[]): string {
  const count = (outcome: LadderStep["outcome"]) => steps.filter((step) => step.outcome === outcome).length;
  const passed = count("pass");
  const failed = count("fail");
  const skipped = count("skipped");
  return [
    passed === 0 ? "no step passed" : `${passed} ${passed === 1 ? "step" : "steps"} passed`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ].join(", ");
}
