import { afterEach, beforeEach, describe, expect } from "vitest";
import { alice, bob, Story } from "./story.ts";
import { itSimulated as it } from "./target.ts";

const OTHER = "C0OUTSIDE";

describe("channel bind: the bot must be a member of the channel", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  const bound = () => story.bot.world.access.channels().map(({ cluster, channel }) => [cluster, channel]);
  const bind = () => story.says("/zstack channel bind cluster-1 #outside", alice);

  it("without the bot it is refused with the fix, and counts once the bot was invited", async () => {
    await bind();
    await story.shows(
      "cluster-1 can't be bound to #outside",
      "NOT_IN_CHANNEL",
      "the bot is not a member of #outside",
      "invite the bot to #outside",
    );
    expect(bound()).toEqual([]);
    await story.says("/zstack host rescan cluster-1", bob);
    await story.shows(/done \(op-1\)/);
    story.workspace.changeChannel(OTHER, { botIsMember: true });
    await bind();
    await story.shows("cluster-1 is changed only in #outside now");
    expect(bound()).toEqual([["cluster-1", OTHER]]);
  });

  it("a private channel without the bot is the same to Slack as no channel", async () => {
    story.workspace.changeChannel(OTHER, { isPrivate: true });
    await bind();
    await story.shows("NOT_IN_CHANNEL", "the bot is not a member of");
    await story.says("/zstack channel bind cluster-1 #C0NOWHERE1", alice);
    await story.shows("NOT_IN_CHANNEL", "the bot is not a member of #C0NOWHERE1");
    expect(bound()).toEqual([]);
  });

  it.each([
    ["an error", { kind: "error", code: "internal_error" }, "internal_error"],
    ["no answer", { kind: "silent" }, "no answer within 5 s"],
    ["no scope", { kind: "error", code: "missing_scope" }, "channels:read and groups:read"],
  ] as const)("if Slack gives %s, nothing is bound, and the refusal says so", async (_, answer, why) => {
    const when = ({ channel }: Readonly<Record<string, unknown>>) => channel === OTHER;
    story.workspace.changeChannel(OTHER, { botIsMember: true });
    story.workspace.slackFaults.calls("conversations.info", { answer, when });
    await bind();
    await story.shows("can't be bound to", "MEMBERSHIP_UNKNOWN", "whether the bot is a member of", why);
    expect(bound()).toEqual([]);
    story.workspace.slackFaults.well("conversations.info");
    await bind();
    await story.shows("cluster-1 is changed only in #outside now");
  });
});
