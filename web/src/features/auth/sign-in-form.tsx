import { useState, type SyntheticEvent } from "react";

import { useSignIn } from "@/api/auth";
import { asProblem } from "@/api/http";
import form from "@/components/form.module.css";
import { ProblemNote } from "@/components/problem-note";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { allShown, errorOf } from "@/lib/field-errors";

export function SignInForm({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn();
  const problem = signIn.isError ? asProblem(signIn.error) : null;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password }, { onSuccess: onDone });
  };

  return (
    <form className={form.form} onSubmit={submit} data-testid="sign-in">
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
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={errorOf(problem, "password")}
      />
      {problem !== null && !allShown(problem, ["email", "password"]) && <ProblemNote error={problem} />}
      <div className={form.foot}>
        <Button type="submit" look="primary" busy={signIn.isPending}>
          Sign in
        </Button>
      </div>
    </form>
  );
}
