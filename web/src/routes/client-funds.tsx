import { useConnectors } from "@/api/clients";
import type { Client } from "@/api/types";
import { ProblemNote } from "@/components/problem-note";
import { Empty, Loading } from "@/components/ui/placeholder";
import { AccountFunds } from "@/features/funds/account-funds";
import { exchangeAccounts } from "@/features/funds/exchange-accounts";

import { ClientFrame } from "./client-frame";

/** What came to a client's exchange accounts and left them, other than by trading. */
export function ClientFundsRoute() {
  return (
    <ClientFrame what="Funds" line="Deposits, withdrawals and all else that moved money other than trades. None of it counts as profit or loss.">
      {(client) => <Accounts client={client} />}
    </ClientFrame>
  );
}

function Accounts({ client }: { client: Client }) {
  const connectors = useConnectors(client.id);
  if (connectors.data === undefined) {
    return connectors.isError ? <ProblemNote error={connectors.error} /> : <Loading what="connectors" rows={4} />;
  }
  if (connectors.data.length === 0) {
    return (
      <Empty title="No exchange key yet">
        <p>Without a key no account can be read.</p>
      </Empty>
    );
  }
  return exchangeAccounts(connectors.data).map((one) => <AccountFunds key={one.first.id} account={one} />);
}
