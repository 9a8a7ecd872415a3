import { useLocation, useNavigate } from "react-router";

import { Door } from "@/components/door";
import { Empty } from "@/components/ui/placeholder";
import { SetUpForm } from "@/features/auth/set-up-form";

/** The token stands behind `#`, which browsers keep to themselves: it reaches no log on the way. */
export function SetUpRoute() {
  const navigate = useNavigate();
  const token = new URLSearchParams(useLocation().hash.slice(1)).get("token");
  return (
    <Door title="Set up" line="Create the first administrator of this server.">
      {token === null || token === "" ? (
        <Empty title="This link has no token">
          <p>Open the whole link that the server printed at its first start, up to its last letter.</p>
        </Empty>
      ) : (
        <SetUpForm token={token} onDone={() => void navigate("/", { replace: true })} />
      )}
    </Door>
  );
}
