import { type Bot, commands, startBot } from "../../src/bot.ts";
import type { Config } from "../../src/config.ts";
import type { Log } from "../../src/flow/ports.ts";
import { completionsOf } from "../../src/language/command-table.ts";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { type LocalWorkspace, startWorkspace } from "../../src/workspace/server/local-workspace.ts";
import { textIn } from "../scenario/message-text.ts";
import { newDirectory } from "./program.ts";

export const alice = "U0ALICE01";
export const people = [
  { id: alice, name: "alice" },
  { id: "U0BOB0001", name: "bob" },
  { id: "U0CAROL01", name: "carol" },
  { id: "U0DAVE001", name: "dave" },
];

export const newWorkspace = (): Promise<LocalWorkspace> =>
  startWorkspace({ port: 0, people, completions: completionsOf(commands), notice: null, rates: null });

/** The messages of a channel, without the key of the audit log: that is posted at any time after the start. */
export const postsIn = (workspace: LocalWorkspace, channel: string): PageMessage[] =>
  workspace.messagesIn(channel).filter((each) => !textIn(each).startsWith("The audit log is signed with this key"));

export const quiet = { info: () => undefined, error: () => undefined };

/** A bot with tokens, for which a local workspace is Slack. */
export async function botInSlack(
  workspace: LocalWorkspace,
  settings: Partial<Config>,
  log: Log = quiet,
): Promise<Bot & { directory: string }> {
  const directory = settings.dataDirectory ?? (await newDirectory());
  const config: Config = {
    slack: workspace,
    hosts: { kind: "simulated" },
    dataDirectory: directory,
    operators: [],
    channels: [],
    watch: null,
    port: 0,
    logLevel: "error",
    ...settings,
  };
  return { ...(await startBot(config, null, log)), directory };
}
