import { useState, type SyntheticEvent } from "react";

import { useCreateClient } from "@/api/clients";
import { asProblem } from "@/api/http";
import type { Client } from "@/api/types";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

export function ClientForm({ onDone }: { onDone: (client: Client) => void }) {
  const [name, setName] = useState("");
  const [account, setAccount] = useState("");
  const create = useCreateClient();
  const problem = create.isError ? asProblem(create.error) : null;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate({ name, account }, { onSuccess: onDone });
  };

  return (
    <form className={form.form} onSubmit={submit} data-testid="client-form">
      <TextField
        label="Name"
        name="name"
        required
        autoComplete="off"
        placeholder="Sharp Labs"
        hint="What people read."
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={errorOf(problem, "name")}
      />
      <TextField
        label="Account"
        name="account"
        required
        autoComplete="off"
        placeholder="client_sharp"
        hint="The identifier that bots and programs use. Upper and lower case are the same."
        value={account}
        onChange={(event) => setAccount(event.target.value)}
        error={errorOf(problem, "account")}
      />
      {problem !== null && !allShown(problem, ["name", "account"]) && <ProblemNote error={problem} />}
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={create.isPending}>
          Create client
        </Button>
      </div>
    </form>
  );
}
