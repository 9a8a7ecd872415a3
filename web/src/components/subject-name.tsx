import { Link } from "react-router";

import { useClients, useExchanges } from "@/api/clients";
import type { Subject } from "@/api/types";

/** What a finding concerns, by name, with the way there. */
export function SubjectName({ subject, code }: { subject: Subject; code: string }) {
  switch (subject.kind) {
    case "platform":
      return <>The platform</>;
    case "exchange":
      return <ExchangeName id={subject.id} name={subject.name} />;
    case "market":
      return <>Market {subject.name}</>;
    case "bot":
      return (
        <>
          <Link to={`/bots/${subject.id}`}>{subject.name}</Link>
          <OfClient clientId={subject.client_id} />
        </>
      );
    case "connector":
      return (
        <>
          Connector {subject.name}
          <OfClient clientId={subject.client_id} />
          {code.startsWith("funds.") && <ToFunds clientId={subject.client_id} />}
        </>
      );
  }
}

function ExchangeName({ id, name }: { id: string; name: string }) {
  const known = useExchanges().data?.find((one) => one.id === id);
  return <>Exchange {known?.label ?? name}</>;
}

function OfClient({ clientId }: { clientId: string | null }) {
  const client = useClients().data?.find((one) => one.id === clientId);
  if (client === undefined) return null;
  return (
    <>
      {" of "}
      <Link to={`/clients/${encodeURIComponent(client.account)}`}>{client.name}</Link>
    </>
  );
}

/** Where a person says what moved money was. */
function ToFunds({ clientId }: { clientId: string | null }) {
  const client = useClients().data?.find((one) => one.id === clientId);
  if (client === undefined) return null;
  return (
    <>
      {", "}
      <Link to={`/clients/${encodeURIComponent(client.account)}/funds`}>its funds</Link>
    </>
  );
}
