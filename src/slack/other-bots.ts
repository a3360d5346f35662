import type { Channel, Log } from "../flow/ports.ts";

/** Other connections with the bot's own tokens. `othersAfterAll` counts them again; null if that is not known. */
interface Others {
  readonly others: number;
  othersAfterAll(): Promise<number | null>;
}

/**
 * Slack delivers each event to one of the connections. The log reports other connections at once. The channel gets a
 * message only if they stay: Slack counts a stopped bot for some more time.
 */
export async function reportOtherBots(connections: Others, channel: Channel | null, log: Log): Promise<void> {
  if (connections.others === 0) return;
  log.info(
    `Slack counts more connections with these tokens than this bot has: ${connections.others} more. Another bot is connected, or one has just stopped. ${why}`,
  );
  const others = await connections.othersAfterAll();
  if (others === null || others === 0) return;
  const title = "Another bot is connected with the same Slack tokens";
  log.info(`${title}. ${why}`);
  await channel?.say({ reply: { title, tone: "warning", parts: [{ kind: "text", text: why }], next: [] } });
}

const why =
  "Slack gives each command and each click to only one of them. A plan of the other bot is not known here, and a click on it runs nothing. Fix: stop the other bot, or give it a Slack app of its own.";
