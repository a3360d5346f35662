import { anyChange } from "./authority.ts";
import type { World } from "./ports.ts";

/** What keeps a person from an incident that is theirs now: no post reaches them, or they may not act. In sentences. */
export async function whyNotReached(
  person: string,
  { permission, whyNoReader }: Pick<World, "permission" | "whyNoReader">,
): Promise<readonly string[]> {
  // Without an answer of Slack nothing is said: it may be wrong.
  const outside = (await whyNoReader?.(person))?.code === "NOT_IN_CHANNEL";
  return [
    ...(outside ? ["This person is in none of the bot's channels, and is not notified: invite them."] : []),
    ...((await permission.whyNot(person, anyChange))?.code === "ROLE_MISSING"
      ? ["This person is no operator, and can't acknowledge it."]
      : []),
  ];
}
