import { afterAll, beforeAll, describe, expect } from "vitest";
import type { SanWords } from "../../src/simulator/words/san-words.ts";
import { textIn } from "./message-text.ts";
import { Story, until } from "./story.ts";
import { ending, itSimulated, luns, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2 } from "./two-clusters.ts";
import { quickWatch } from "./watch-words.ts";

const LIMIT_MS = patient(120_000);
const settings = { ...quickWatch, groupsEveryMs: 500 };

/** The words that break the simulated SAN, those that restore it, and the title of the incident between them. */
const rows: readonly (readonly [words: string, restore: string, title: RegExp])[] = [
  [`path-fail ${HOST1} ${luns.blank} sdc`, `path-restore ${HOST1} ${luns.blank} sdc`, /Path sdc of LUN/],
  ["portal-fail 0x590b11c0463f8e02", "portal-restore 0x590b11c0463f8e02", /0x590b11c0463f8e02/],
  ["fill ps-1 96", "fill ps-1 0", /ps-1.*96/],
  [`unmap ${HOST1} ${luns.blank}`, `map ${HOST1} ${luns.blank}`, new RegExp(`LUN .*${HOST1}`)],
  [`lease-lost ${HOST1}`, `lease-restore ${HOST1}`, new RegExp(`${HOST1}.*lease`)],
];

describe("watch show: what the words of the simulated SAN break", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let words: SanWords;
  beforeAll(async () => {
    story = await Story.begin();
    await addsStorage(story);
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
    const { san } = story.bot.world;
    if (san === null) throw new Error("the hosts are real");
    words = san;
    for (const { restore } of words.choices().broken) await words.apply(restore);
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  /** The title of each incident that is not over, with the rest of its message. */
  const open = () =>
    story.messages.map(textIn).flatMap((text) => {
      const [, title] = /^inc-\d+: (.*)\n.*\bsince\b/.exec(text) ?? [];
      return title === undefined ? [] : [title];
    });
  const becomes = async (what: string, isSo: (titles: readonly string[]) => boolean) =>
    (await until(() => (isSo(open()) ? true : undefined), patient(20_000))) ??
    expect.fail(`not ${what}: ${open().join("; ")}`);

  itSimulated.each(rows)("%s is an incident, which ends after %s", async (broken, restore, title) => {
    await words.apply(broken);
    await becomes(`open: ${title}`, (titles) => titles.some((each) => title.test(each)));
    expect(words.choices().broken.map((one) => one.restore)).toContain(restore);
    await words.apply(restore);
    await becomes("resolved", (titles) => titles.length === 0);
  });

  itSimulated("grow is seen when a host reads the size again: resize does, and names it in its thread", async () => {
    expect(await words.apply(`grow ${luns.blank} 3T`)).toContain("`sharedblock resize ps-1` reads it.");
    await story.says(`/zstack host rescan ${HOST1}`);
    await story.shows(`Rescan ${HOST1}: done`, "No new LUN appeared.");
    await story.says("/zstack sharedblock resize ps-1");
    await story.clicks("Confirm");
    const end = await story.shows("Resize ps-1: done");
    const line = await story.shows(
      "causes this, so it is no incident",
      /LUN …b82173 on \S+: 2\.\d+ TB before, 3\.\d+ TB now/,
    );
    expect(line.threadTs).toBe(end.ts);
  });

  itSimulated("host-down is an incident, which stays after host-up until the host's lockspace runs again", async () => {
    await words.apply(`host-down ${HOST2}`);
    await becomes("open", (titles) => titles.some((each) => each.includes(`${HOST2} does not answer`)));
    await words.apply(`host-up ${HOST2}`);
    await becomes("partly back", (titles) => titles.some((each) => each.includes("its lockspace does not run")));
    await story.clicks("Check Now");
    await story.shows(/cluster-1: \d+ broken/);
    // The command that fixes it, as its button.
    await story.clicks("Reconnect ps-1");
    await story.shows(/Reconnect (?:sharedblock-host2 to )?ps-1: done/);
    await becomes("resolved", (titles) => titles.length === 0);
    const ofHost = story.messages
      .map(textIn)
      .filter((text) => /^inc-\d+: .*host2/.test(text) && text.includes("Resolved"));
    expect(ofHost.length).toBe(1);
  });
});

describe("watch show: one LUN", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeAll(async () => {
    story = await Story.begin();
    await story.restartsBot(undefined, { watch: { channel: null, settings } });
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  itSimulated(
    "of which the paths fail by two causes is in both incidents, and by itself again after one of them",
    async () => {
      const own = /LUN …bbe7c8 is not reached through/;
      await story.shows(own, "LUN …bbe7c8 still has 2 paths");
      await story.bot.world.san?.apply("portal-fail 0x590b11c0463f8e00");
      await story.shows(
        "Target port 0x590b11c0463f8e00 does not answer",
        "LUN …bbe7c8 still has 1 path; 6 LUNs have 2",
      );
      await story.shows(own, "LUN …bbe7c8 still has 1 path", /also lacks? paths because of inc-\d+/);
      await story.bot.world.san?.apply("portal-restore 0x590b11c0463f8e00");
      await story.shows("Target port 0x590b11c0463f8e00 does not answer", "Resolved", "LUN …bbe7c8 still had 1 path");
      await story.shows(own, "Warning since", "LUN …bbe7c8 still has 2 paths");
    },
  );

  // No operation ended just before: the size would be its effect.
  itSimulated("of no storage that grew is an incident with the rescan, which gives all hosts the size", async () => {
    const wwid = luns.partitioned;
    const name = `LUN …${ending(wwid)}`;
    const { array, san } = story.san;
    const { hosts } = san.state;
    expect(await story.bot.world.san?.apply(`grow ${wwid} 5T`)).toContain("`host rescan` reads it.");
    const bytes = array.lun(wwid).sizeBytes;
    // A person has host1 read its paths again. Its map keeps the earlier size.
    for (const device of array.devices(wwid, HOST1)) array.pathSize(HOST1, device, bytes);
    await story.shows(new RegExp(`inc-\\d+: ${name} on ${HOST1}: `), "Info since");
    await story.clicks("Rescan cluster-1");
    const all = hosts.map((host) => host.name).join(", ");
    const end = await story.shows("Rescan cluster-1: done", `${name} has 5.50 TB now on ${all}.`);
    const line = await story.shows(
      "causes this, so it is no incident",
      new RegExp(`${name} on \\S+: .* before, 5\\.50 TB now`),
    );
    // A button of the incident answers in its thread, which is the operation's too.
    expect([end.threadTs, end.ts]).toContain(line.threadTs);
    for (const host of hosts) {
      expect(host.maps.find((map) => map.wwid === wwid)?.sizeBytes).toBe(bytes);
      expect(host.paths.filter((path) => path.wwid === wwid).map(({ sizeBytes }) => sizeBytes)).toEqual(
        array.devices(wwid, host.name).map(() => bytes),
      );
    }
    const resized = (await story.hosts.changes()).filter((each) => each.includes("multipathd resize map"));
    expect(new Set(resized.map((each) => each.split(":")[0])).size).toBe(hosts.length);
  });
});
