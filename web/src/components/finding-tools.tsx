import { useId, useState, type ReactNode } from "react";

import type { Finding } from "@/api/types";

import { ClientReading } from "./client-reading";
import { CopyForSupport } from "./copy";
import { EvidenceRows } from "./evidence-rows";
import styles from "./finding-tools.module.css";
import { Button } from "./ui/button";

type Shown = "nothing" | "evidence" | "client";

/** What a finding has on demand: its evidence, its words to the client, a text for support. */
export function FindingTools({ finding }: { finding: Finding }) {
  const [shown, setShown] = useState<Shown>("nothing");
  const region = useId();
  const tool = (kind: Shown, label: string) => (
    <Tool open={shown === kind} region={region} onPress={() => setShown(shown === kind ? "nothing" : kind)}>
      {label}
    </Tool>
  );
  return (
    <div className={styles.tools}>
      <div className={styles.row}>
        {finding.evidence !== null && tool("evidence", "Evidence")}
        {tool("client", "What your client reads")}
        {finding.history !== null && <CopyForSupport findingId={finding.history.id} />}
      </div>
      {shown !== "nothing" && (
        <div id={region} className={styles.shown}>
          {shown === "evidence" && finding.evidence !== null && <EvidenceRows evidence={finding.evidence} code={finding.code} />}
          {shown === "client" && <ClientReading finding={finding} />}
        </div>
      )}
    </div>
  );
}

function Tool({ open, region, onPress, children }: { open: boolean; region: string; onPress: () => void; children: ReactNode }) {
  return (
    <Button small look="bare" aria-expanded={open} aria-controls={open ? region : undefined} onClick={onPress} className={styles.tool}>
      {children}
    </Button>
  );
}
