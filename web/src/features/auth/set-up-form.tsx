import { useState, type SyntheticEvent } from "react";

import { useSetUp } from "@/api/auth";
import { asProblem } from "@/api/http";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

/** The first administrator, by the one-time link that the server printed. */
export function SetUpForm({ token, onDone }: { token: string; onDone: () => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [differ, setDiffer] = useState(false);
  const setUp = useSetUp();
  const problem = setUp.isError ? asProblem(setUp.error) : null;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setDiffer(password !== again);
    if (password === again) setUp.mutate({ token, email, password }, { onSuccess: onDone });
  };

  return (
    <form className={form.form} onSubmit={submit} data-testid="set-up">
      <TextField
        label="E-mail"
        name="email"
        type="email"
        required
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={errorOf(problem, "email")}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        required
        autoComplete="new-password"
        hint="A long phrase is better than a short word with signs in it."
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={errorOf(problem, "password")}
      />
      <TextField
        label="Password again"
        name="again"
        type="password"
        required
        autoComplete="new-password"
        value={again}
        onChange={(event) => setAgain(event.target.value)}
        error={differ ? "The two passwords differ." : undefined}
      />
      {problem !== null && !allShown(problem, ["email", "password"]) && <ProblemNote error={problem} />}
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={setUp.isPending}>
          Create administrator
        </Button>
      </div>
    </form>
  );
}
