import { afterAll, beforeAll, describe, expect } from "vitest";
import { eraseSignatures } from "../../src/simulator/san/content.ts";
import { byHand } from "./by-hand.ts";
import { textIn } from "./message-text.ts";
import { Story, until } from "./story.ts";
import { ending, itSimulated, luns, patient } from "./target.ts";
import { HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";
import { observesEachHost, quickWatch } from "./watch-words.ts";

const LIMIT_MS = patient(120_000);
const settings = { ...quickWatch, groupsEveryMs: 500 };
const LUN = `LUN …${ending(luns.orphan)}`;
const FREE = `LUN …${ending(luns.partitioned)}`;
const FOREIGN = "0b5b5c5e-6f2d-4a8e-9f35-0c2a7c3f7a11.otherhost";

/** One kind of finding: how a host comes to show it, what the channel reads, and how it ends. */
interface Row {
  readonly kind: string;
  readonly breaks: (story: Story) => unknown;
  readonly ends: (story: Story) => unknown;
  readonly title: RegExp;
  readonly says: readonly RegExp[];
}

const warning = /Warning since/;
const critical = /CRITICAL since/;
const atRisk = /At risk: ps-1\./;

const rows: readonly Row[] = [
  {
    kind: "clock skew",
    breaks: ({ hosts }) => hosts.hasClockAhead(HOST1, 3_600),
    ends: ({ hosts }) => hosts.hasClockAhead(HOST1, 0),
    title: new RegExp(`^Clock of ${HOST1}: \\d+ min ahead of the bot's$`),
    says: [warning],
  },
  {
    kind: "service not enabled",
    breaks: (story) => byHand(story, HOST1, ["systemctl", "disable", "lvmlockd.service"]),
    ends: (story) => byHand(story, HOST1, ["systemctl", "enable", "lvmlockd.service"]),
    title: new RegExp(`^lvmlockd.service on ${HOST1} does not start at boot$`),
    says: [/Info since/, /Prepare/],
  },
  {
    kind: "service down",
    breaks: (story) => byHand(story, HOST1, ["systemctl", "stop", "multipathd.service"]),
    ends: async (story) => {
      // Its socket is active: an observation that asked it would have started it.
      expect(await byHand(story, HOST1, ["systemctl", "is-active", "multipathd.socket"])).toBe("active\n");
      await expect(byHand(story, HOST1, ["systemctl", "is-active", "multipathd.service"])).rejects.toThrow();
      await byHand(story, HOST1, ["systemctl", "start", "multipathd.service"]);
    },
    title: new RegExp(`^multipathd.service does not run on ${HOST1}$`),
    says: [warning, atRisk],
  },
  {
    kind: "one name, two LUNs: two numbers at one port",
    breaks: ({ san }) => san.array.offerClone(luns.orphan, HOST2),
    ends: ({ san }) => san.array.takeClone(luns.orphan, HOST2),
    title: new RegExp(
      `^Two LUNs have the WWID of ${LUN} on ${HOST2}: sd\\w+ at (\\d+:\\d+:\\d+):\\d+, sd\\w+ at \\1:\\d+$`,
    ),
    says: [critical, atRisk],
  },
  {
    kind: "one name, two LUNs: two targets",
    breaks: ({ hosts }) => hosts.joinsTwin(luns.blank, HOST2),
    ends: ({ san }) => san.array.leaveTwin(HOST2),
    title: new RegExp(
      `^Two LUNs have the WWID of LUN …${ending(luns.blank)} on ${HOST2}: sd\\w+ and sd\\w+ both have the port number 1`,
    ),
    says: [critical, atRisk],
  },
  {
    kind: "path outside its map",
    breaks: ({ san }) => san.array.leaveOut(HOST1, san.array.devices(luns.orphan, HOST1)[0] ?? ""),
    ends: ({ hosts }) => hosts.assemblesMaps(HOST1),
    title: new RegExp(`^1 of 3 paths of ${LUN} on ${HOST1} are outside of its map: sd\\w+$`),
    says: [warning, atRisk],
  },
  {
    kind: "path failed: deleted from multipathd",
    breaks: ({ hosts }) => hosts.leavesPathOutOfMap(luns.orphan, HOST1),
    ends: ({ hosts }) => hosts.assemblesMaps(HOST1),
    title: new RegExp(`^Path of ${LUN} on ${HOST1} through \\S+: gone$`),
    says: [warning, /still has 2 paths/, atRisk],
  },
  {
    kind: "size differs between paths",
    breaks: ({ san }) => san.array.pathSize(HOST1, san.array.devices(luns.partitioned, HOST1)[0] ?? "", 2 ** 40),
    ends: ({ san }) =>
      san.array.pathSize(
        HOST1,
        san.array.devices(luns.partitioned, HOST1)[0] ?? "",
        san.array.lun(luns.partitioned).sizeBytes,
      ),
    title: new RegExp(`^Paths of ${FREE} on ${HOST1} show different sizes: `),
    says: [warning, /No storage uses it\./],
  },
  {
    kind: "LUN without map",
    breaks: ({ hosts }) => hosts.flushesMap(luns.partitioned, HOST1),
    ends: ({ hosts }) => hosts.assemblesMaps(HOST1),
    title: new RegExp(`^${FREE} on ${HOST1} has no map: 3 of 3 paths are there$`),
    says: [warning, /No storage uses it\./],
  },
  {
    kind: "LUN gone",
    breaks: ({ hosts }) => hosts.takes(luns.partitioned, HOST1),
    ends: ({ hosts }) => hosts.maps(luns.partitioned, HOST1),
    title: new RegExp(`^${FREE} has failed on ${HOST1}: 3 paths of 1 LUN on 1 host$`),
    says: [warning, /no path left on 1 host/, /No storage uses it\./],
  },
  {
    kind: "storage over 80 % full",
    breaks: ({ bot }) => bot.world.san?.apply("fill ps-1 85"),
    ends: ({ bot }) => bot.world.san?.apply("fill ps-1 0"),
    title: /^ps-1 is 85 % full: [\d.]+ [GT]B of [\d.]+ TB free$/,
    says: [warning, atRisk, /Extend ps-1…/],
  },
];

/** ps-1 of two LUNs, used by cluster-1. */
const addsLargeStorage = (story: Story): Promise<void> =>
  story.beginsWith("ps-1-of-two-luns", async () => {
    await story.says(`/zstack sharedblock add cluster-1 wwid=${luns.orphan} name=ps-1 wipe=true`);
    await story.confirms(ending(luns.orphan));
    await story.shows("Add ps-1 to cluster-1: done");
    await story.says(`/zstack sharedblock extend ps-1 wwid=${luns.blank}`);
    await story.confirms("");
    await story.shows("Extend ps-1: done");
  });

/** The messages of incidents, each with its title. */
const incidentsOf = (story: Story) =>
  story.messages.map(textIn).flatMap((text) => {
    const [, id = "", title = ""] = /^(inc-\d+): (.*)$/m.exec(text) ?? [];
    return text.startsWith(`${id}: `) && id !== "" ? [{ id, title, text, isOpen: /^.* since /m.test(text) }] : [];
  });

/** Only these incidents are open, each with these words. */
async function areOpen(story: Story, ...wanted: readonly (readonly [title: RegExp, ...says: readonly RegExp[]])[]) {
  const open = () => incidentsOf(story).filter(({ isOpen }) => isOpen);
  const isSo = () => {
    const now = open();
    const isThere = ([title, ...says]: (typeof wanted)[number]) =>
      now.some((each) => title.test(each.title) && says.every((word) => word.test(each.text)));
    return (now.length === wanted.length && wanted.every(isThere)) || undefined;
  };
  if (!(await until(isSo, patient(10_000))))
    expect.fail(
      `not open: ${wanted.map(([title]) => title).join("; ")}, but:\n${open()
        .map(({ text }) => text)
        .join("\n----\n")}\n${story.logged.join("\n")}`,
    );
}

/** The tutorial's SAN without what is broken in it from its start, and watched. */
async function watchesWholeSan(): Promise<Story> {
  const story = await Story.begin();
  await addsLargeStorage(story);
  await story.restartsBot(undefined, { watch: { channel: null, settings } });
  const { san } = story.bot.world;
  for (const { restore } of san?.choices().broken ?? []) await san?.apply(restore);
  await observesEachHost(story);
  await areOpen(story);
  return story;
}

describe("watch show: another host with our host id", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeAll(async () => {
    story = await watchesWholeSan();
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  itSimulated(
    "is one incident with the lease that it takes away, and ends once the host has its id again",
    async () => {
      const group = storageIn(story).uuid;
      const title = new RegExp(`^Host id 1 of ${HOST1} in ps-1 is in use by ${FOREIGN}$`);
      story.san.array.foreignHost(group, 1, FOREIGN);
      await areOpen(story, [title, critical, atRisk]);
      // sanlock reads at its next renewal that the lease is not its own. Then only other hosts read the id.
      story.san.array.failRenewals(HOST1, 100_000);
      const lost = `${HOST1} can't lock in ps-1: lvmlockd uses the lockspace, but sanlock has no lease for it`;
      await areOpen(story, [title, critical, new RegExp(lost)]);
      story.san.array.foreignHostLeaves(group, 1);
      await areOpen(story, [new RegExp(`^${lost}$`), critical, atRisk]);
      await byHand(story, HOST1, ["lvmlockctl", "--drop", group]);
      await story.says(`/zstack sharedblock reconnect ps-1 ${HOST1}`);
      await story.shows(`Reconnect ${HOST1} to ps-1: done`);
      await areOpen(story);
      expect(incidentsOf(story).map(({ text }) => text)).toEqual([expect.stringMatching(/Resolved/)]);
    },
  );
});

describe("watch show: each kind of finding", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeAll(async () => {
    story = await watchesWholeSan();
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  itSimulated.each(rows)("$kind is one incident, which ends with it", async ({ breaks, ends, title, says }) => {
    const before = new Set(incidentsOf(story).map(({ id }) => id));
    await breaks(story);
    await areOpen(story, [title, ...says]);
    await ends(story);
    await areOpen(story);
    const own = incidentsOf(story).filter(({ id }) => !before.has(id));
    expect(own.map((each) => each.text)).toEqual([expect.stringMatching(/Resolved/)]);
    expect(own.map((each) => each.title)).toEqual([expect.stringMatching(title)]);
  });

  itSimulated("clock skew of all hosts is the bot's own clock", async () => {
    for (const host of story.hosts.names) await story.hosts.hasClockAhead(host, 3_600);
    await areOpen(story, [/^The bot's clock differs from the clocks of all hosts$/, warning]);
    for (const host of story.hosts.names) await story.hosts.hasClockAhead(host, 0);
    await areOpen(story);
  });

  itSimulated("lease old is one incident, which ends once sanlock renews it", async () => {
    const old = new RegExp(`^${HOST1} renewed its sanlock lease for ps-1 \\d+ s ago, and must every 20 s$`);
    // Its age continues with the time: on a slow computer it would be lost before it is read.
    const ages = setInterval(() => story.san.array.failRenewals(HOST1, 50_000), 100);
    await areOpen(story, [old, warning, atRisk]).finally(() => clearInterval(ages));
    story.san.array.resumeRenewals(HOST1);
    await areOpen(story);
  });

  itSimulated("host unreachable says whether its lease is renewed", async () => {
    const silent = (lease: string) => new RegExp(`^${HOST3} does not answer; ${lease} `);
    await story.hosts.fault(HOST3, { kind: "down" });
    await areOpen(story, [silent("it is alive: it renews its sanlock lease"), warning, atRisk]);
    await story.hosts.heal(HOST3);
    await areOpen(story);
    await story.hosts.powerOff(HOST3);
    await story.hosts.isMissed(HOST3);
    await areOpen(story, [silent("it does not renew its sanlock lease"), critical, atRisk]);
    await story.hosts.isGivenUp(HOST3);
    await areOpen(story, [silent("for sanlock it is dead: its lease is not renewed"), critical, atRisk]);
    await story.hosts.powerOn(HOST3);
    await story.says(`/zstack sharedblock reconnect ps-1 ${HOST3}`);
    await story.shows(`Reconnect ${HOST3} to ps-1: done`);
    await areOpen(story);
  });

  itSimulated("host unreachable names another host key, and its fix is host trust", async () => {
    await story.hosts.fault(HOST3, { kind: "other host key" });
    const title = new RegExp(`^${HOST3} shows another SSH host key; it is alive: it renews its sanlock lease`);
    await areOpen(story, [title, warning, atRisk, /Trust sharedblock-host3/]);
    await story.hosts.heal(HOST3);
    await areOpen(story);
  });

  itSimulated("volume group missing a PV is one incident of the storage, which ends with it", async () => {
    const { content } = story.san.array.lun(luns.blank);
    story.san.array.write(
      luns.blank,
      eraseSignatures(content, () => true),
    );
    const title = /^ps-1: volume group of ps-1 on \S+ misses 1 of its PVs, and the same on 2 more$/;
    await areOpen(story, [title, critical, atRisk]);
    story.san.array.write(luns.blank, content);
    await areOpen(story);
  });
});

// A story of its own: Slack takes 40 updates a minute, and these two end after a minute.
describe("watch show: what a LUN has new", { timeout: LIMIT_MS }, () => {
  let story: Story;
  beforeAll(async () => {
    story = await watchesWholeSan();
  }, LIMIT_MS);
  afterAll(() => story.ends(), LIMIT_MS);

  itSimulated("LUN new and size changed are read at once, and end by themselves", async () => {
    const added = { wwid: "36b083fe000daf018000099995abb0001", sizeBytes: 10 ** 12 };
    story.san.array.offer(added);
    for (const host of story.hosts.names) story.san.array.map(added.wwid, host);
    const onAll = "sharedblock-host\\d.* and the same on 2 more$";
    const isNew = new RegExp(`^LUN …${ending(added.wwid)} is new on ${onAll}`);
    story.san.array.grow(luns.blank, 4 * 10 ** 12);
    const grew = new RegExp(`^LUN …${ending(luns.blank)} on .* before, 4\\.00 TB now, and the same on 2 more$`);
    // Both end after a minute.
    await areOpen(
      story,
      [isNew, /Info since/, /No storage uses it\./],
      [grew, /Info since/, /Storage: ps-1\./, /Resize …/],
    );
    await areOpen(story);
  });
});
