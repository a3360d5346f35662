import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itEverywhere as it, luns, patient, target } from "./target.ts";

const BLANK = luns.blank;

describe("any command: a wrong, hostile or incomplete one gets a clear answer and touches no host", {
  timeout: patient(20_000),
}, () => {
  let story: Story;
  let before = 0;
  /** What hosts were asked to run; of real ones only what changed them is known. */
  const asked = async () =>
    target === "simulated"
      ? story.hosts.names.reduce((sum, host) => sum + story.san.execs(host), 0)
      : (await story.hosts.changes()).length;
  beforeAll(async () => {
    story = await Story.begin();
  }, patient(10_000));
  afterAll(() => story.ends(), patient(10_000));
  beforeEach(async () => {
    before = await asked();
  });

  it.each<[string, (string | RegExp)[]]>([
    ["/zstack", ["What do you want to do?", "sharedblock add"]],
    ["/zstack lun lst cluster-1", ["UNKNOWN_COMMAND", "Fix: /zstack lun list cluster-1"]],
    ["/zstack sharedblok add cluster-1", ["sharedblock add"]],
    ["/zstack sharedblock add cluster-1", ["wwid", "Usage"]],
    [`/zstack sharedblock add cluster-1 wiwd=${BLANK}`, ["wiwd", "wwid"]],
    [`/zstack sharedblock add cluster-1 wwid=${BLANK} wipe=maybe`, ["wipe", "maybe"]],
    ["/zstack sharedblock add cluster-1 wwid=$(reboot)", ["$(reboot)", "is not a WWID"]],
    ["/zstack sharedblock add cluster-1 wwid=36b0;reboot", ["is not a WWID"]],
    ["/zstack sharedblock add cluster-1 wwid=`reboot`", ["is not a WWID"]],
    [`/zstack sharedblock add cluster-1 wwid=${BLANK} name=-rf`, ["is not a name"]],
    [
      `/zstack sharedblock add clutser-1 wwid=${BLANK}`,
      ["clutser-1", `Fix: /zstack sharedblock add cluster-1 wwid=${BLANK}`],
    ],
    ["/zstack lun list cluster-9", ["NOT_FOUND", "Fix: /zstack lun list cluster-1"]],
    ["/zstack host show sharedblock-hst2", ["NOT_FOUND", "Fix: /zstack host show sharedblock-host2"]],
    ["/zstack lun show cluster-1 ../../etc/passwd", [/not a WWID|can't be read|no LUN|not in/]],
    ["/zstack zone add “ZONE 2”", ["is not a name"]],
    ["/zstack host add x address=-oProxyCommand=reboot cluster=cluster-1", ["is not an IP address"]],
    ['/zstack zone add "unclosed', ["quote"]],
    [`/zstack zone add ${"x".repeat(3000)}`, ["is not a name"]],
    ["/zstack operation show op-99", ["keeps no operation of this id"]],
  ])("%s", async (words, patterns) => {
    await story.says(words);
    const message = await story.shows(...patterns);
    expect(textIn(message)).not.toMatch(/bug of the bot/);
    expect(await asked()).toBe(before);
  });

  it("never mentions a person with an echoed value", async () => {
    await story.says("/zstack lun list <!channel>");
    await story.says("/zstack zone add <!channel>");
    await story.shows("!channel");
    for (const message of story.messages) {
      expect(message.text).not.toMatch(/<!channel>/);
      expect(JSON.stringify(message.blocks)).not.toContain('"type":"mrkdwn"');
    }
  });

  it("names the most similar WWIDs if one has a typo", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${BLANK.slice(0, -1)}4`);
    await story.shows("no host sees a LUN of that name", BLANK);
    expect((await story.audit()).some(({ event }) => event.kind === "began")).toBe(false);
  });

  it("is answered in the thread in which it was asked", async () => {
    await story.says("/zstack zone list");
    const parent = await story.shows("ZONE-1");
    await story.says("@zstack cluster list", undefined, parent.ts);
    const answer = await story.shows("1 cluster", "cluster-1 none 3 ZONE-1");
    expect(answer.threadTs).toBe(parent.ts);
  });

  it("writes queries to the audit log too", async () => {
    const text = await readFile(join(story.directory, "audit.jsonl"), "utf8");
    expect(text).toContain("zone list");
  });
});
