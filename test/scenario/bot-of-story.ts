import { type Bot, startBot } from "../../src/bot.ts";
import type { Config } from "../../src/config.ts";
import type { LocalWorkspace } from "../../src/workspace/server/local-workspace.ts";
import type { LabHosts } from "../lab/lab-hosts.ts";

/** The real bot in a story's channel, on simulated hosts where there is no lab. What it logs as wrong goes to `errors`. */
export function startedBot(
  workspace: LocalWorkspace,
  directory: string,
  lab: LabHosts | null,
  errors: string[],
  settings: Partial<Config> = {},
): Promise<Bot> {
  const config: Config = {
    slack: null,
    hosts: lab === null ? { kind: "simulated" as const } : { kind: "ssh" as const, privateKeyFile: lab.privateKeyFile },
    dataDirectory: directory,
    ...(lab !== null && { admins: ["U0ALICE01"] }),
    operators: lab === null ? [] : ["U0BOB0001"],
    channels: [],
    watch: null,
    port: 0,
    logLevel: "error" as const,
    ...settings,
  };
  const log = {
    info: () => undefined,
    error: (message: string, error: unknown) =>
      void errors.push(`${message}: ${error instanceof Error ? error.stack : error}`),
  };
  return startBot(config, workspace, log);
}
