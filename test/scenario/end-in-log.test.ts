import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { alice, Story } from "./story.ts";
import { itSimulated as it, luns } from "./target.ts";

describe("sharedblock add: a plan that ended on disk, and the bot was killed before its end was in the log", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it("the next start logs the end once, and the channel shows it", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.blank} name=ps-2`, alice);
    await story.shows("Add ps-2 to cluster-1");
    const file = join(story.directory, "operations.json");
    await story.restartsBot(async () => {
      const text = await readFile(file, "utf8");
      const ended = { state: "expired", result: "nobody confirmed it in time", finishedAt: new Date().toISOString() };
      const { operations, ...rest } = JSON.parse(text);
      await writeFile(
        file,
        JSON.stringify({ ...rest, operations: operations.map((each: object) => ({ ...each, ...ended })) }),
      );
    });
    await story.shows(": expired (op-1)");
    await story.restartsBot();
    const ends = (await story.audit()).filter(({ event }) => event.kind === "ended");
    expect(ends).toMatchObject([{ by: "bot", operationId: "op-1", event: { state: "expired" } }]);
  });
});
