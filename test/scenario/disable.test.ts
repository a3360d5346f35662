import { describe, expect } from "vitest";
import type { Fault } from "../../src/simulator/san/fault.ts";
import { textIn } from "./message-text.ts";
import { pvchanges, takesVolumes } from "./new-volumes.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itAtLength, patient } from "./target.ts";
import { addsStorage, changes, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const GIBIBYTE = 1024 ** 3;

describe.concurrent("sharedblock disable", { timeout: LIMIT_MS }, () => {
  itAtLength(
    "accepts no new volumes, keeps the existing ones, and accepts new ones again",
    async ({ onTestFinished }) => {
      const story = await Story.begin();
      onTestFinished(() => story.ends());
      await addsStorage(story);
      const group = storageIn(story).uuid;
      await story.hosts.makesVolume(group, "vol-1", GIBIBYTE);
      await story.hosts.activates(group, "vol-1", HOST2);
      await story.hosts.makesVolume(group, "vol-0", 2 * GIBIBYTE);
      const machine = { name: "web-1", volumeGroup: group, volume: "vol-0", heedsShutdown: true };
      await story.hosts.startsVm(HOST1, machine);

      await story.says("/zstack sharedblock disable ps-1");
      const plan = await story.shows(
        "Disable ps-1",
        "No existing volume on ps-1 can grow either, thin ones and snapshots included",
        "may pause until /zstack sharedblock enable ps-1",
        `vol-0: open on ${HOST1} · size 2.15 GB`,
      );
      expect(textIn(plan)).not.toContain("vol-1");
      expect(await pvchanges(story, "n")).toEqual([]);
      await story.clicks("Confirm");
      await story.shows("Disable ps-1: done", "its volumes can't grow", "Disabled", `${HOST3} Connected`);
      expect(storageIn(story).state).toBe("Disabled");
      expect(await takesVolumes(story, "vol-2")).toBe(false);
      // Once, from one host; every host has read it from the disk.
      expect(await pvchanges(story, "n")).toHaveLength(1);
      await story.says("/zstack sharedblock show ps-1");
      await story.shows("Primary storage ps-1", "Disabled", `${HOST3} Connected`);
      await story.says("/zstack sharedblock volumes ps-1");
      await story.shows("2 volumes on ps-1", `vol-1 ${HOST2} ${HOST2} (exclusive)`);
      await story.says("/zstack sharedblock disable ps-1");
      await story.shows("Nothing was changed", "ps-1 is disabled already");

      await story.says("/zstack sharedblock enable ps-1");
      await story.shows("Enable ps-1: done", "Enabled", `${HOST1}, ${HOST2}, ${HOST3} Connected`);
      expect(storageIn(story).state).toBe("Enabled");
      expect(await takesVolumes(story, "vol-2")).toBe(true);
      expect(await pvchanges(story, "y")).toHaveLength(1);
      await story.says("/zstack sharedblock enable ps-1");
      await story.shows("Nothing was changed", "ps-1 is enabled already");
    },
  );

  itAtLength("works although a host is down; the host is named when it comes back", async ({ onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    await story.hosts.fault(HOST1, { kind: "down" });
    await story.says("/zstack sharedblock disable ps-1");
    await story.shows("No volume is seen open on the hosts that answered", HOST1);
    await story.clicks("Confirm");
    await story.shows("Disable ps-1: done");
    expect(await pvchanges(story, "n")).toEqual([expect.stringContaining(`${HOST2}: pvchange`)]);
    await story.says("/zstack sharedblock enable ps-1");
    await story.shows("Enable ps-1: done", `${HOST1} is left out: `, `/zstack sharedblock reconnect ps-1 ${HOST1}`);
    // The result is what an end says that is posted after a restart.
    const result = story.bot.world.operations.latest(1)[0]?.result;
    expect(result).toMatch(new RegExp(`^all steps done.*; ${HOST1} is left out$`));
    for (const name of story.hosts.names) await story.hosts.fault(name, { kind: "down" });
    await story.says("/zstack sharedblock disable ps-1");
    await story.shows("Nothing was changed", "no host both sees all LUNs of ps-1 and holds its lease");
    expect(storageIn(story).state).toBe("Enabled");
  });

  const interruptions: readonly (readonly [string, (argument: "y" | "n") => Fault, string])[] = [
    [
      "fails",
      (argument) => ({ kind: "fails", program: "pvchange", argument, exitCode: 5, stderr: "I/O error" }),
      "failed",
    ],
    [
      "is cut off before",
      (argument) => ({ kind: "cut during", program: "pvchange", argument, after: "before" }),
      "unknown",
    ],
    [
      "is cut off after",
      (argument) => ({ kind: "cut during", program: "pvchange", argument, after: "effect" }),
      "unknown",
    ],
  ];
  const cases = (["Disable", "Enable"] as const).flatMap((word) =>
    interruptions.map(([what, fault, state]) => {
      const argument = word === "Disable" ? "n" : "y";
      return { title: `where pvchange ${argument} ${what}`, word, argument, fault: fault(argument), state } as const;
    }),
  );
  itAtLength.for(rowsOf(cases))("in the end, $title", async ({ word, argument, fault, state }, { onTestFinished }) => {
    const story = await Story.begin();
    onTestFinished(() => story.ends());
    await addsStorage(story);
    if (word === "Enable") {
      await changes(story, "sharedblock disable ps-1");
      await story.shows("Disable ps-1: done");
    }
    const before = storageIn(story).state;
    const types = async () => {
      await story.says(`/zstack sharedblock ${word.toLowerCase()} ps-1`);
      if (word === "Disable") await story.clicks("Confirm");
    };
    await story.hosts.fault(HOST1, fault);
    await types();
    await story.shows(`${word} ps-1: ${state}`, "Not done");
    expect(storageIn(story).state).toBe(before);
    await story.hosts.heal(HOST1);
    await types();
    await story.shows(`${word} ps-1: done`);
    expect(storageIn(story).state).toBe(`${word}d`);
    expect(await pvchanges(story, argument)).toHaveLength(1);
    expect(await takesVolumes(story, "vol-1")).toBe(word === "Enable");
  });
});
