import type { ReactNode } from "react";
import { useParams } from "react-router";

import { useClients } from "@/api/clients";
import type { Client } from "@/api/types";
import { PageHead } from "@/components/page-head";
import { ProblemNote } from "@/components/problem-note";
import { Empty, Loading } from "@/components/ui/placeholder";

import { ClientNav } from "./client-nav";
import { clientOf } from "./client-of";

interface Props {
  /** At the start of the title: "Funds". */
  what: string;
  line: string;
  children: (client: Client) => ReactNode;
}

/** Around a page of the client that the address names. */
export function ClientFrame({ what, line, children }: Props) {
  const account = useParams().account ?? "";
  const clients = useClients();
  const client = clientOf(clients.data, account);
  return (
    <>
      <PageHead title={`${what} of ${client?.name ?? account}`} line={line} />
      <ClientNav account={client?.account ?? account} />
      {client !== undefined ? (
        children(client)
      ) : clients.data === undefined ? (
        clients.isError ? <ProblemNote error={clients.error} /> : <Loading what="the client" />
      ) : (
        <Empty title={`No client has the account ${account}`} />
      )}
    </>
  );
}
