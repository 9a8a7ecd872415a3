import { LimitsPanel } from "@/features/limits/limits-panel";

import { ClientFrame } from "./client-frame";
import styles from "./sheet.module.css";

/** What bounds all bots of a client together. */
export function ClientLimitsRoute() {
  return (
    <ClientFrame what="Limits" line="What all bots of this client together may do, and what holds for each of them. A bot's own limits are on its page.">
      {(client) => (
        <div className={styles.sheet}>
          <LimitsPanel scope={{ kind: "client", id: client.id, name: client.name }} quote={null} />
        </div>
      )}
    </ClientFrame>
  );
}
