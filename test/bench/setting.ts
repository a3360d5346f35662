import type { Config } from "../../src/config.ts";
import type { Conversations, Log } from "../../src/flow/ports.ts";

/** What every part of the bench runs the bot with. */
export const configFor = (dataDirectory: string, privateKeyFile: string): Config => ({
  slack: null,
  hosts: { kind: "ssh", privateKeyFile },
  dataDirectory,
  operators: [],
  channels: [],
  port: 0,
  logLevel: "error",
});

/** What goes wrong ends the bench. */
export const quiet: Log = {
  info: () => undefined,
  error: (message, error) => {
    throw new Error(message, { cause: error });
  },
};

export const nowhere: Conversations = {
  at: () => {
    throw new Error("there is no channel here");
  },
};
