import type { useSetStatus } from "@/api/bots";
import type { Bot } from "@/api/types";
import { Button } from "@/components/ui/button";

interface Props {
  bot: Bot;
  setStatus: ReturnType<typeof useSetStatus>;
}

/** Start or stop: what was wished is one thing, what is so another, and the label says which one it shows. */
export function RunButton({ bot, setStatus }: Props) {
  if (setStatus.isPending) {
    return (
      <Button small busy data-testid="run-button">
        {setStatus.variables === "start" ? "Asking to start" : "Asking to stop"}
      </Button>
    );
  }
  if (bot.status === "running") {
    return (
      <Button small onClick={() => setStatus.mutate("stop")} data-testid="stop-button" aria-label={`Stop ${bot.name}`}>
        Stop
      </Button>
    );
  }
  if (bot.state.code === "stopping") {
    return (
      <Button small busy data-testid="run-button">
        Stopping
      </Button>
    );
  }
  return (
    <Button small look="primary" onClick={() => setStatus.mutate("start")} data-testid="start-button" aria-label={`Start ${bot.name}`}>
      Start
    </Button>
  );
}
