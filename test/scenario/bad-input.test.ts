import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect } from "vitest";
import { tutorialLuns } from "../../src/local/san/tutorial-san.ts";
import { Story, textIn } from "./story.ts";
import { itSimulated } from "./target.ts";

const BLANK = tutorialLuns.blank;

describe("a wrong, hostile or half command gets a clear answer and touches no host", () => {
  let story: Story;
  let before = 0;
  const execs = () => story.san.hosts.reduce((sum, host) => sum + story.san.execs(host.name), 0);
  beforeAll(async () => {
    story = await Story.begin();
  });
  afterAll(() => story.ends());
  beforeEach(() => {
    before = execs();
  });

  itSimulated.each<[string, (string | RegExp)[]]>([
    ["/zstack", ["What you can type", "sharedblock add"]],
    ["/zstack lun lst cluster-1", ["Did you mean", "lun list"]],
    ["/zstack sharedblok add cluster-1", ["sharedblock add"]],
    ["/zstack sharedblock add cluster-1", ["wwid", "Usage"]],
    [`/zstack sharedblock add cluster-1 wiwd=${BLANK}`, ["wiwd", "wwid"]],
    [`/zstack sharedblock add cluster-1 wwid=${BLANK} wipe=maybe`, ["wipe", "maybe"]],
    ["/zstack sharedblock add cluster-1 wwid=$(reboot)", ["$(reboot)", "is not a WWID"]],
    ["/zstack sharedblock add cluster-1 wwid=36b0;reboot", ["is not a WWID"]],
    ["/zstack sharedblock add cluster-1 wwid=`reboot`", ["is not a WWID"]],
    [`/zstack sharedblock add cluster-1 wwid=${BLANK} name=-rf`, ["is not a name"]],
    [`/zstack sharedblock add clutser-1 wwid=${BLANK}`, ["clutser-1", "cluster-1"]],
    ["/zstack lun show cluster-1 ../../etc/passwd", [/not a WWID|can't be read|no LUN|not in/]],
    ["/zstack zone add “ZONE 2”", ["is not a name"]],
    ["/zstack host add x address=-oProxyCommand=reboot cluster=cluster-1", ["is not an IP address"]],
    ['/zstack zone add "unclosed', ["quote"]],
    [`/zstack zone add ${"x".repeat(3000)}`, ["is not a name"]],
    ["/zstack operation show op-99", ["there is no such operation"]],
  ])("%s", async (words, patterns) => {
    await story.says(words);
    const message = await story.shows(...patterns);
    expect(textIn(message)).not.toMatch(/bug of the bot/);
    expect(execs()).toBe(before);
  });

  itSimulated("never lets an echoed value mention anybody", async () => {
    await story.says("/zstack lun list <!channel>");
    await story.says("/zstack zone add <!channel>");
    await story.shows("!channel");
    for (const message of story.messages) {
      expect(message.text).not.toMatch(/<!channel>/);
      expect(JSON.stringify(message.blocks)).not.toContain('"type":"mrkdwn"');
    }
  });

  itSimulated(
    "asks for an earlier look, not for luck, where a WWID has a typo: the nearest seen are named",
    async () => {
      await story.says("/zstack sharedblock add cluster-1 wwid=36f011af000d5c3e70000166e5ab82174");
      await story.shows("no host sees a LUN of that name", BLANK);
      expect((await story.audit()).some(({ event }) => event.kind === "began")).toBe(false);
    },
  );

  itSimulated("is answered in a thread where it was asked in a thread", async () => {
    await story.says("/zstack zone list");
    const parent = await story.shows("ZONE-1");
    await story.says("@zstack cluster list", undefined, parent.ts);
    const answer = await story.shows("Shared Block storage", "cluster-1");
    expect(answer.threadTs).toBe(parent.ts);
  });

  itSimulated("keeps the audit log even of what was only asked", async () => {
    const text = await readFile(join(story.directory, "audit.jsonl"), "utf8");
    expect(text).toContain("zone list");
  });
});
