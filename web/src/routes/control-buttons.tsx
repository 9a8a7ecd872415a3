import type { Scope } from "@/api/types";
import { botsOf } from "@/components/scope-words";
import { Button } from "@/components/ui/button";
import type { Panel } from "@/lib/use-panel";

import { subjectOf } from "./control-panels";

interface Props {
  scope: Scope;
  panel: Panel;
  small?: boolean;
}

/** Hold and kill, each a form away. */
export function ControlButtons({ scope, panel, small = false }: Props) {
  const subject = subjectOf(scope);
  return (
    <>
      <Button small={small} look={small ? "bare" : "plain"} onClick={() => panel.open("hold", subject)} aria-label={`Hold ${botsOf(scope)}`} data-testid="hold-button">
        Hold
      </Button>
      <Button small={small} look="danger" onClick={() => panel.open("kill", subject)} aria-label={`Kill ${botsOf(scope)}`} data-testid="kill-button">
        {scope.kind === "platform" ? "Kill all trading" : "Kill"}
      </Button>
    </>
  );
}
