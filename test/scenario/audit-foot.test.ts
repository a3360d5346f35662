import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { PageMessage } from "../../src/workspace/page-protocol.ts";
import { diskOf } from "../store/full-disk.ts";
import { textIn } from "./message-text.ts";
import { Story } from "./story.ts";
import { itSimulated } from "./target.ts";

describe("audit log: the end of an operation in the channel names its entry", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  /** The last block ends with the name of an entry of the log, at or after the operation's own end, with its hash. */
  async function isAnchored(message: PageMessage): Promise<void> {
    const [, operationId] = textIn(message).match(/\((op-\d+)\)/) ?? [];
    const foot = message.blocks.at(-1);
    expect(foot).toMatchObject({ type: "context" });
    const [, id = "", hash = ""] =
      textIn({ text: "", blocks: foot === undefined ? [] : [foot] }).match(/(?:^| )audit (\d+):([0-9a-f]{16})$/) ?? [];
    const entries = await story.audit();
    const ended = entries.findLast((entry) => entry.operationId === operationId && entry.event.kind === "ended");
    expect(Number(id)).toBeGreaterThanOrEqual(ended?.id ?? Number.POSITIVE_INFINITY);
    expect(entries[Number(id) - 1]?.hash.startsWith(hash)).toBe(true);
  }

  itSimulated("has the audit log's head: done, cancelled, refused, and reported late", async () => {
    await story.says("/zstack zone add ZONE-2");
    await isAnchored(await story.shows("ZONE-2", ": done"));

    await story.says("/zstack host remove sharedblock-host1");
    await story.clicks("Cancel");
    await isAnchored(await story.shows(": cancelled"));

    await story.says("/zstack host remove sharedblock-host1");
    await story.shows("Confirm before");
    const host = story.bot.world.inventory.current().hosts.find(({ name }) => name === "sharedblock-host1");
    await story.bot.world.inventory.apply([{ kind: "host removed", uuid: host?.uuid ?? "" }]);
    await story.clicks("Confirm");
    await isAnchored(await story.shows(": refused"));

    const [latest] = story.bot.world.operations.latest(1);
    await story.bot.world.operations.change(latest?.id ?? "", ["refused"], { notified: false });
    await story.says("/zstack zone list");
    await story.restartsBot();
    await isAnchored(await story.shows("It ended at"));
  });

  itSimulated("names no entry while the disk is full and the end is in no log", async () => {
    await story.hosts.fault("sharedblock-host1", { kind: "slow", ms: 3_000 });
    const disk = await diskOf(story.directory);
    try {
      await story.says("/zstack host rescan sharedblock-host1");
      await story.begins("tee");
      disk.fills();
      const end = await story.shows(
        "DATA_NOT_WRITTEN",
        "This result is not on disk yet",
        "ENOSPC",
        /: (unknown|failed|done)/,
      );
      expect(textIn(end)).not.toMatch(/audit \d+:/);
    } finally {
      disk.restore();
    }
  });

  itSimulated("an emptied log stops the start, also if other files are gone", async () => {
    await story.says("/zstack zone add ZONE-2");
    await story.shows(": done");
    await expect(story.restartsBot(() => truncate(join(story.directory, "audit.jsonl")))).rejects.toThrow(
      "the log ends at byte 0, but operations.json knows",
    );
  });
});
