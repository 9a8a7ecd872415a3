import { Link } from "react-router";

import type { Bot } from "@/api/types";
import { HaltNotice } from "@/features/restraints/halt-notice";

/** The way to what a person must do so that the bot goes on. */
export function BotNotice({ bot }: { bot: Bot }) {
  const waitsForLabel = bot.state.finding?.code === "funds.left";
  return (
    <>
      <HaltNotice bot={bot} />
      {waitsForLabel && (
        <p>
          <Link to={`/clients/${encodeURIComponent(bot.account)}/funds`} data-testid="to-funds">
            Say what became of the money
          </Link>
        </p>
      )}
    </>
  );
}
