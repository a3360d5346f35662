import { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { Readers } from "../../src/slack/readers.ts";
import { alice, bob, outside, storage, workspaceFor } from "../workspace/server/connected-app.ts";

describe("the readers of a Home", () => {
  const readersOf = async (channels: readonly string[], now: () => number = Date.now) => {
    const workspace = await workspaceFor({ rates: null });
    const client = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } });
    return { workspace, readers: new Readers(client, channels, now) };
  };

  it("are everyone if the bot serves all channels", async () => {
    const { readers } = await readersOf([]);
    expect(await readers.whyNot("U0NOBODY")).toBeNull();
  });

  it("are the people of one of the bot's channels, asked again after a minute", async () => {
    let nowMs = 0;
    const { workspace, readers } = await readersOf([storage, outside], () => nowMs);
    workspace.changeChannel(storage, { without: [bob.id] });
    workspace.changeChannel(outside, { without: [alice.id, bob.id] });
    expect(await readers.whyNot(alice.id)).toBeNull();
    expect((await readers.whyNot(bob.id))?.reasons).toEqual([`you are in none of ${storage}, ${outside} (CHANNELS)`]);
    workspace.changeChannel(storage, { without: [] });
    nowMs += 59_000;
    expect(await readers.whyNot(bob.id)).not.toBeNull();
    nowMs += 2_000;
    expect(await readers.whyNot(bob.id)).toBeNull();
  });

  it("are nobody if Slack does not say who is in the channels", async () => {
    const { workspace, readers } = await readersOf([storage]);
    workspace.slackFaults.calls("conversations.members", {
      answer: { kind: "error", code: "missing_scope" },
      times: 1,
    });
    expect(await readers.whyNot(alice.id)).toMatchObject({ code: "MEMBERSHIP_UNKNOWN" });
  });
});
