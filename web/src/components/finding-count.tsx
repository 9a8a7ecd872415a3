import { useOpenFindings } from "@/api/findings";
import { classNames } from "@/lib/class-names";

import styles from "./finding-count.module.css";
import { isUrgent } from "./finding-words";

/** How many critical findings and warnings are open; nothing while that is not known. */
export function FindingCount() {
  const urgent = useOpenFindings().data?.findings.filter((one) => isUrgent(one.finding.severity));
  if (urgent === undefined || urgent.length === 0) return null;
  const critical = urgent.some((one) => one.finding.severity === "critical");
  return (
    <span className={classNames(styles.count, critical && styles.critical)} data-testid="finding-count">
      {urgent.length}
      <span className="visually-hidden"> open</span>
    </span>
  );
}
