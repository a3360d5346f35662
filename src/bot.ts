import { commands, isChange } from "./all-commands.ts";
import type { Config } from "./config.ts";
import { createFlow, type Flow } from "./flow/flow.ts";
import type { Channel, Log } from "./flow/ports.ts";
import type { LocalWorkspace } from "./local/workspace/local-workspace.ts";
import { openDoor } from "./say/door.ts";
import { placesOf } from "./say/places.ts";
import { openSlack } from "./slack/app.ts";
import { placeOf } from "./slack/channel.ts";
import { type OpenWorld, openWorld } from "./world.ts";

export { commands };

export interface Bot {
  readonly flow: Flow;
  readonly world: OpenWorld;
  stop(): Promise<void>;
}

/** Puts the bot together: world, flow and Slack, or the local workspace in Slack's place. Tells first what the last run left. */
export async function startBot(config: Config, workspace: LocalWorkspace | null, log: Log): Promise<Bot> {
  const tokens = config.slack ?? workspace;
  if (tokens === null) throw new Error("without tokens of Slack a local workspace is needed");
  const channels = config.slack === null ? [] : config.channels;
  const slack = await openSlack({ ...tokens, channels, debug: config.logLevel === "debug", log });
  const world = await openWorld(config, placesOf(slack.conversations, log), log);
  try {
    const flow = createFlow(commands, world);
    await flow.recover();
    const others = await slack.start(flow, world.gestures);
    const told = config.slack === null ? workspace?.channels[0]?.id : config.channels[0];
    const channel = told === undefined ? null : slack.conversations.at(placeOf(told));
    if (others > 0) tellOfOthers(others, channel, log);
    const door = await openDoor(config.dataDirectory, { flow, channel, isChange }, log);
    const stop = async () => {
      await door.close();
      await slack.stop();
      await flow.stop();
      await world.close();
    };
    return { flow, world, stop };
  } catch (error) {
    await slack.stop();
    await world.close();
    throw error;
  }
}

/** Slack gives each gesture to one of the connections, whoever has it. */
function tellOfOthers(others: number, channel: Channel | null, log: Log): void {
  const title = `Another bot is connected with the same Slack tokens (${others} more connections)`;
  const why =
    "Slack gives each command and each click to one of them. A plan of the other bot is not known here, and a click on it runs nothing. Fix: stop the other bot, or give it a Slack app of its own.";
  log.info(`${title}. ${why}`);
  const reply = { title, tone: "warning" as const, parts: [{ kind: "text" as const, text: why }], next: [] };
  // Not awaited: Slack may be slow, and the log has it already.
  channel?.say({ reply }).catch((error) => log.error("telling of another bot", error));
}
