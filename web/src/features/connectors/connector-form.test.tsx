import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { ConnectorForm } from "./connector-form";
import { draftOf } from "./draft";
import { renderPage, serve } from "@/testing/render";

afterEach(cleanup);

const NEW = { isNew: true, exchange: "coinstore", name: "", keyLabel: "", secrets: {}, baseUrl: "", proxyUrl: "", dropProxy: false, ipv4Only: false };

describe("what is sent", () => {
  test("an empty secret never is", () => {
    expect(draftOf({ ...NEW, isNew: false, secrets: { api_key: "k", secret: " " } })).not.toHaveProperty("secret");
  });

  test("a new connector without a name leaves it to the server", () => {
    expect(draftOf(NEW)).toEqual({ exchange: "coinstore", ipv4_only: false });
  });

  test("an emptied base URL is removed, an untouched proxy stays", () => {
    const draft = draftOf({ ...NEW, isNew: false, name: "main" });
    expect(draft).toEqual({ name: "main", key_label: "", base_url: "", ipv4_only: false });
    expect(draftOf({ ...NEW, isNew: false, dropProxy: true })).toMatchObject({ proxy_url: "" });
  });
});

const EXCHANGES = {
  exchanges: [
    {
      id: "coinstore",
      label: "Coinstore",
      features: {},
      credential_fields: [
        { name: "api_key", label: "API key", required: true, secret: false },
        { name: "secret", label: "Secret key", required: true, secret: true },
      ],
    },
  ],
};

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
  expect(asked.find((one) => one.method === "POST")?.body).toEqual({ exchange: "coinstore", api_key: "key-1", secret: "s3cret", ipv4_only: false });
  expect(screen.getByLabelText<HTMLInputElement>("Secret key").value).toBe("s3cret");
  expect(done).not.toHaveBeenCalled();
});
