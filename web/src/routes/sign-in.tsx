import { useNavigate, useSearchParams } from "react-router";

import { Door } from "@/components/door";
import { SignInForm } from "@/features/auth/sign-in-form";

export function SignInRoute() {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const next = params.get("next") ?? "/";
  return (
    <Door title="Sign in" line="What your bots hold, what they do, and why.">
      {/* only a path of these pages: never another site */}
      <SignInForm onDone={() => void navigate(/^\/(?![/\\])/.test(next) ? next : "/", { replace: true })} />
    </Door>
  );
}
