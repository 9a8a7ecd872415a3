import { useResume } from "@/api/restraints";
import type { Bot } from "@/api/types";
import { ReasonAsk } from "@/components/reason-ask";

/** The way on for a bot that a limit halted; what halted it, its state says. */
export function HaltNotice({ bot }: { bot: Bot }) {
  const resume = useResume(bot.id);
  if (bot.state.code !== "halted") return null;
  return (
    <ReasonAsk
      label="Resume"
      of={bot.name}
      explain="It trades again at once, and what its limits count begins anew from there. Look at its fills and decisions first: the limit was hit for a cause."
      busy={resume.isPending}
      error={resume.error}
      onSubmit={(reason) => resume.mutate(reason)}
      testId="resume"
    />
  );
}
