import { PageHead } from "@/components/page-head";
import { ExchangeBrowser } from "@/features/exchanges/exchange-browser";

/** Every exchange that a connector can name. */
export function ExchangesRoute() {
  return (
    <>
      <PageHead title="Exchanges" line="What a key there consists of, what each offers, and how far this platform's work with it is proved." />
      <ExchangeBrowser />
    </>
  );
}
