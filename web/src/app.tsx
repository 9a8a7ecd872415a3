import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createBrowserRouter, RouterProvider } from "react-router";

import { Problem } from "@/api/http";
import { keys } from "@/api/keys";
import { LiveStream, setLiveStream } from "@/api/live";
import { BotRoute } from "@/routes/bot";
import { ClientFundsRoute } from "@/routes/client-funds";
import { ClientLimitsRoute } from "@/routes/client-limits";
import { ClientRoute } from "@/routes/client";
import { ClientsRoute } from "@/routes/clients";
import { ControlsRoute } from "@/routes/controls";
import { CrashedRoute } from "@/routes/crashed";
import { ExchangesRoute } from "@/routes/exchanges";
import { FindingsRoute } from "@/routes/findings";
import { MissingRoute } from "@/routes/missing";
import { OverviewRoute } from "@/routes/overview";
import { SetUpRoute } from "@/routes/setup";
import { SignInRoute } from "@/routes/sign-in";
import { SignedIn } from "@/routes/signed-in";

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // the session ended: the sign-in page follows from nobody being signed in
      if (error instanceof Problem && error.status === 401) queries.setQueryData(keys.me, null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 1000,
      // a refusal stays one; only an answer that never came is asked for again, and lists are asked again anyway
      retry: (count, error) => count < 1 && error instanceof Problem && error.status === 0,
      refetchOnWindowFocus: true,
      // the page says itself when the server cannot be reached
      networkMode: "always",
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

setLiveStream(new LiveStream(queries));

const router = createBrowserRouter(
  [
    { path: "/sign-in", element: <SignInRoute />, errorElement: <CrashedRoute /> },
    { path: "/setup", element: <SetUpRoute />, errorElement: <CrashedRoute /> },
    {
      element: <SignedIn />,
      errorElement: <CrashedRoute />,
      children: [
        {
          errorElement: <CrashedRoute />,
          children: [
            { path: "/", element: <OverviewRoute /> },
            { path: "/clients", element: <ClientsRoute /> },
            { path: "/clients/:account", element: <ClientRoute /> },
            { path: "/clients/:account/funds", element: <ClientFundsRoute /> },
            { path: "/clients/:account/limits", element: <ClientLimitsRoute /> },
            { path: "/bots/:id", element: <BotRoute /> },
            { path: "/controls", element: <ControlsRoute /> },
            { path: "/exchanges", element: <ExchangesRoute /> },
            { path: "/findings", element: <FindingsRoute /> },
            { path: "*", element: <MissingRoute /> },
          ],
        },
      ],
    },
  ],
  { basename: "/app" },
);

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
