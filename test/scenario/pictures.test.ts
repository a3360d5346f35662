import { afterEach, beforeEach, describe, expect } from "vitest";
import { Story, until } from "./story.ts";
import { itSimulated, luns, patient } from "./target.ts";
import { incidentOf, quickWatch } from "./watch-words.ts";

const HOST1 = "sharedblock-host1";

describe("cluster map, and charts of what the watch saw", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings: quickWatch } });
    await story.hosts.failsPath(luns.blank, HOST1);
    await incidentOf(story, luns.blank, HOST1);
  });
  afterEach(() => story.ends());

  itSimulated("show a failed path: as a picture with words for who can't see it, and as charts or tables", async () => {
    await story.says("/zstack cluster map cluster-1");
    const map = await story.shows(/cluster-1: .*link/, "Links with failed paths", HOST1);
    const picture = await until(
      () => story.messages.flatMap(({ files }) => files).find(({ name }) => name === "cluster-1-map.png"),
      patient(60_000),
    );
    expect(picture?.png?.slice(0, 8)).toBe("iVBORw0K");
    expect(picture?.text).toMatch(new RegExp(`^Map of cluster-1: .*${HOST1} \\w+ to \\S+, \\d+ of \\d+ paths failed`));
    expect(story.messages.find(({ files }) => files.some(({ id }) => id === picture?.id))?.threadTs).toBe(map.ts);

    await story.says(`/zstack lun history cluster-1 ${luns.blank}`);
    const chart = await story.shows(/paths failed on 1 host|without any path on 1 host/, "fewest working paths");
    expect(chart.blocks.map(({ type }) => type)).toContain("data_visualization");
    await story.says("/zstack multipath history cluster-1");
    await story.shows("Failed paths by host", HOST1);

    story.workspace.slackFaults.calls("*", {
      answer: { kind: "error", code: "invalid_blocks" },
      when: (args) => JSON.stringify(args).includes("data_visualization"),
    });
    await story.says("/zstack multipath history cluster-1");
    const table = await story.shows("Hosts with failed paths", "most at once");
    expect(table.blocks.map(({ type }) => type)).not.toContain("data_visualization");
    story.workspace.slackFaults.well();

    await story.says("/zstack sharedblock capacity ps-9");
    await story.shows("NOT_FOUND", "ps-9");
  });
});
