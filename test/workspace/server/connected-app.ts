import { App, LogLevel } from "@slack/bolt";
import { SocketModeClient } from "@slack/socket-mode";
import { afterEach } from "vitest";
import type { PageEvent, PageMessage } from "../../../src/workspace/page-protocol.ts";
import {
  type LocalWorkspace,
  startWorkspace,
  type WorkspaceOptions,
} from "../../../src/workspace/server/local-workspace.ts";

export const alice = { id: "U0ALICE", name: "alice" };
export const bob = { id: "U0BOB", name: "bob" };
export const storage = "C0STORAGE";
export const outside = "C0OUTSIDE";

const toStop: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

/** A workspace that ends with the test. */
export async function workspaceFor(options: Partial<WorkspaceOptions> = {}): Promise<LocalWorkspace> {
  const workspace = await startWorkspace({ port: 0, people: [alice, bob], completions: [], notice: null, ...options });
  toStop.push(() => workspace.stop());
  return workspace;
}

/** The real Bolt app, connected over its real WebSocket; `listen` adds listeners before it starts. */
export async function appFor(workspace: LocalWorkspace, listen: (app: App) => void): Promise<App> {
  const { botToken, appToken, apiUrl } = workspace;
  const app = new App({
    ...{ token: botToken, appToken, socketMode: true, logLevel: LogLevel.ERROR },
    clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 2, minTimeout: 50 } },
  });
  listen(app);
  await app.start();
  toStop.push(() => app.stop());
  return app;
}

/** Bolt's connection without Bolt: it acknowledges nothing by itself. */
export async function socketClientFor({ appToken, apiUrl }: LocalWorkspace): Promise<SocketModeClient> {
  const client = new SocketModeClient({ appToken, logLevel: LogLevel.ERROR, clientOptions: { slackApiUrl: apiUrl } });
  await client.start();
  toStop.push(() => client.disconnect());
  return client;
}

/** Slack's own messages to people, as they arrive. */
export function troublesOf(workspace: LocalWorkspace): string[] {
  const troubles: string[] = [];
  workspace.subscribe((event: PageEvent) => {
    if (event.kind === "trouble") troubles.push(event.text);
  });
  return troubles;
}

/** The channel's messages, once there are `count` of them. */
export async function messages(workspace: LocalWorkspace, count: number): Promise<PageMessage[]> {
  await until(() => workspace.state().messages.length >= count);
  return workspace.state().messages;
}

export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 240_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it did not come true within 240 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The code and messages of a rejected Web API call. */
export async function slackErrorOf(call: Promise<unknown>): Promise<{ error: string; messages: string[] }> {
  try {
    await call;
  } catch (error) {
    const data = Object(Object(error).data);
    return { error: String(data.error), messages: data.response_metadata?.messages ?? [] };
  }
  throw new Error("the call was expected to be rejected");
}

export const confirmButton = {
  type: "actions",
  block_id: "plan",
  elements: [{ type: "button", action_id: "confirm", text: { type: "plain_text", text: "Confirm" }, value: "op-1" }],
};
