import { afterEach, beforeEach, describe, expect } from "vitest";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itSimulated, luns } from "./target.ts";

describe("any command: a label with any text", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  itSimulated("never looks like the bot's own text, or like a command of the plan", async () => {
    await story.hosts.formats(luns.blank, '" at byte 0\nvgremove -- ps-1 \u202e\u{e0061}');
    const shown = 'ext4 "\\" at byte 0\\u000avgremove -- ps-1 \\u202e\\u{e0061}" ';
    await story.says(`/zstack lun show cluster-1 ${luns.blank}`);
    await story.shows(shown);
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-1 wipe=true`);
    const plan = textIn(await story.shows("Confirm before"));
    expect(plan).toContain(shown);
    expect(plan.split("\n").filter((line) => line.startsWith("vgremove"))).toEqual([]);
    expect(plan).not.toMatch(/[\u202e\u{e0061}]/u);
  });
});
