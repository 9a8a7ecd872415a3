import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { ConnectorForm } from "./connector-form";
import { draftOf } from "./draft";
import { connector, failedLadder, ladder } from "@/testing/made-up";
import { renderPage, serve } from "@/testing/render";

afterEach(cleanup);

const NEW = { isNew: true, exchange: "coinstore", name: "", keyLabel: "", secrets: {}, baseUrl: "", proxyUrl: "", dropProxy: false, ipv4Only: false, timeout: "", manualTrading: "none" as const };

describe("what is sent", () => {
  test("an empty secret never is", () => {
    expect(draftOf({ ...NEW, isNew: false, secrets: { api_key: "k", secret: " " } })).not.toHaveProperty("secret");
  });

  test("a new connector without a name leaves it to the server", () => {
    expect(draftOf(NEW)).toEqual({ exchange: "coinstore", ipv4_only: false, manual_trading: "none" });
  });

  test("an emptied base URL is removed, an untouched proxy stays", () => {
    const draft = draftOf({ ...NEW, isNew: false, name: "main" });
    expect(draft).toEqual({ name: "main", key_label: "", base_url: "", ipv4_only: false, timeout_s: 0, manual_trading: "none" });
    expect(draftOf({ ...NEW, isNew: false, dropProxy: true })).toMatchObject({ proxy_url: "" });
    expect(draftOf({ ...NEW, timeout: "15" })).toMatchObject({ timeout_s: 15 });
  });
});

const EXCHANGES = {
  exchanges: [
    {
      id: "coinstore",
      label: "Coinstore",
      features: {},
      certification: "sandboxed",
      field_checked: null,
      life: { state: "active", no_new_orders_since: null, last_trading_day: null, withdraw_by: null, source: null },
      credential_fields: [
        { name: "api_key", label: "API key", required: true, secret: false },
        { name: "secret", label: "Secret key", required: true, secret: true },
      ],
    },
  ],
};

test("of an exchange that is proved by nothing it is said", async () => {
  const [known] = EXCHANGES.exchanges;
  const other = { ...known, id: "kraken", label: "Kraken", certification: "none" };
  renderPage(<ConnectorForm clientId="c1" connector={null} onDone={() => undefined} />, { "/api/exchanges": { exchanges: [known, other] } });
  const choice = await screen.findByLabelText("Exchange");
  await screen.findByRole("option", { name: "Kraken" });
  expect(screen.queryByText(/Not certified/)).toBeNull();
  await userEvent.selectOptions(choice, "kraken");
  expect(screen.getByText(/Not certified/)).not.toBeNull();
});

test("a refusal stands at its field, and nothing that was typed is lost", async () => {
  const answers = {
    "/api/exchanges": EXCHANGES,
    "POST /api/clients/c1/connectors": { status: 409, title: "Conflict", detail: "There is a connector coinstore already.", field: "name", code: "connector.exists" },
  };
  const done = vi.fn();
  renderPage(<ConnectorForm clientId="c1" connector={null} onDone={done} />, answers);
  const asked = serve(answers);
  await userEvent.type(await screen.findByLabelText("API key"), "key-1");
  await userEvent.type(screen.getByLabelText("Secret key"), "s3cret");
  expect(screen.getByLabelText("Secret key").getAttribute("type")).toBe("password");
  await userEvent.click(screen.getByRole("button", { name: "Add connector" }));
  expect(await screen.findByText("There is a connector coinstore already.")).not.toBeNull();
  expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
  expect(asked.find((one) => one.method === "POST")?.body).toEqual({ exchange: "coinstore", api_key: "key-1", secret: "s3cret", ipv4_only: false, manual_trading: "none" });
  expect(screen.getByLabelText<HTMLInputElement>("Secret key").value).toBe("s3cret");
  expect(done).not.toHaveBeenCalled();
});

const REFUSED = {
  status: 409,
  title: "Conflict",
  detail: "The key was checked and is not accepted.",
  code: "connector.check_failed",
  ladder: failedLadder(),
};

async function submitRefused(done: () => void) {
  const answers = { "/api/exchanges": EXCHANGES, "POST /api/clients/c1/connectors": REFUSED };
  renderPage(<ConnectorForm clientId="c1" connector={null} onDone={done} />, answers);
  await userEvent.type(await screen.findByLabelText("API key"), "key-1");
  await userEvent.type(screen.getByLabelText("Secret key"), "s3cret");
  await userEvent.click(screen.getByRole("button", { name: "Add connector" }));
  await screen.findByTestId("check-failed");
}

describe("a key that fails its check", () => {
  test("is not saved, shows every step, and keeps what was typed", async () => {
    const done = vi.fn();
    await submitRefused(done);
    expect(screen.getByTestId("finding").dataset.code).toBe("ip.not_allowed");
    expect(screen.getAllByTestId("step")).toHaveLength(3);
    expect(screen.getByLabelText<HTMLInputElement>("Secret key").value).toBe("s3cret");
    expect(done).not.toHaveBeenCalled();
  });

  test("is saved by a second step only", async () => {
    const done = vi.fn();
    await submitRefused(done);
    const saved = { id: "n1", check: ladder({ passed: false }) };
    const asked = serve({ "/api/exchanges": EXCHANGES, "POST /api/clients/c1/connectors": saved });
    await userEvent.click(screen.getByTestId("save-anyway"));
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(asked.find((one) => one.method === "POST")?.body).toEqual({
      exchange: "coinstore",
      api_key: "key-1",
      secret: "s3cret",
      ipv4_only: false,
      manual_trading: "none",
      save_anyway: true,
    });
  });

  test("must be checked again once the form says something else", async () => {
    await submitRefused(vi.fn());
    await userEvent.type(screen.getByLabelText("Secret key"), "4");
    expect(screen.queryByTestId("save-anyway")).toBeNull();
    expect(screen.getByTestId("check-failed").textContent).toContain("before your last change");
  });
});

test("who trades there by hand is said, with what follows from it", async () => {
  renderPage(<ConnectorForm clientId="c1" connector={connector({ manual_trading: "expected" })} onDone={() => undefined} />, { "/api/exchanges": EXCHANGES });
  const choice = await screen.findByLabelText("Trading by hand");
  expect(screen.getByText(/left alone, without an alarm/)).not.toBeNull();
  await userEvent.selectOptions(choice, "none");
  expect(screen.getByText(/the sign of a stolen key/)).not.toBeNull();
  const asked = serve({ "/api/exchanges": EXCHANGES, "PUT /api/clients/c1/connectors/n1": { id: "n1", check: null } });
  await userEvent.click(screen.getByRole("button", { name: "Save connector" }));
  await vi.waitFor(() => expect(asked.find((one) => one.method === "PUT")?.body).toMatchObject({ manual_trading: "none" }));
});
