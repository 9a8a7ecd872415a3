import { sameScope } from "@/api/restraints";
import type { Scope } from "@/api/types";
import { SidePanel } from "@/components/ui/side-panel";
import { HoldForm } from "@/features/restraints/hold-form";
import { KillForm } from "@/features/restraints/kill-form";
import type { Panel } from "@/lib/use-panel";

interface Props {
  /** What the page is about, and what it may stop. */
  scopes: readonly Scope[];
  panel: Panel;
}

/** A scope in the address: `bot b1`, `platform`. */
export function subjectOf(scope: Scope): string {
  return `${scope.kind} ${scope.id}`.trim();
}

/** The form that stops something, as the address names it. */
export function ControlPanels({ scopes, panel }: Props) {
  const scope = scopes.find((one) => subjectOf(one) === panel.subject);
  if (scope === undefined) return null;
  switch (panel.name) {
    case "kill":
      // a market is held, never killed
      return scope.kind === "market" ? null : (
        <SidePanel title={scope.kind === "platform" ? "Kill all trading" : `Kill ${scope.name}`} onClose={panel.close}>
          <KillForm scope={scope} onDone={panel.close} />
        </SidePanel>
      );
    case "hold":
      return (
        <SidePanel title="Place a hold" onClose={panel.close}>
          <HoldForm scopes={[scope, ...scopes.filter((one) => !sameScope(one, scope))]} onDone={panel.close} />
        </SidePanel>
      );
    default:
      return null;
  }
}
