import { useClients } from "@/api/clients";
import { PageHead } from "@/components/page-head";
import { FindingBrowser } from "@/features/findings/finding-browser";

/** What is wrong, and what was. */
export function FindingsRoute() {
  const clients = useClients();
  return (
    <>
      <PageHead title="Findings" line="What is wrong now, and what was: causes before what follows from them." />
      <FindingBrowser clients={clients.data ?? []} />
    </>
  );
}
