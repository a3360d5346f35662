import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Inventory } from "../../src/core/inventory.ts";
import { rowsOf } from "./rows.ts";
import { Story } from "./story.ts";
import { itAtLength as it, luns, patient } from "./target.ts";
import { addsStorage, HOST1, HOST2, HOST3, storageIn } from "./two-clusters.ts";

const LIMIT_MS = patient(60_000);
const MEBIBYTE = 1024 ** 2;
const NOBODYS = "36f011af000d5c3e70000166e5ab82174";

/** What is typed, and what the refusal says of what was seen on the hosts. */
const refusals: readonly (readonly [words: string, ...why: (string | RegExp)[]])[] = [
  [`sharedblock extend ps-1 wwid=${luns.orphan}`, "LVM2_member", "add wipe=true"],
  [`sharedblock extend ps-1 wwid=${luns.mounted} wipe=true`, `mounted on ${HOST2} at /mnt/backup`],
  [
    `sharedblock extend ps-1 wwid=${luns.ofAnotherGroup} wipe=true`,
    /physical volume of volume group (vg_archive|other_vg)/,
  ],
  [`sharedblock extend ps-1 wwid=${luns.partitioned} wipe=true`, "has partitions"],
  [`sharedblock extend ps-1 wwid=${luns.notEverywhere}`, `${HOST3} does not see`],
  [`sharedblock extend ps-1 wwid=${luns.blank} wipe=true`, "is a shared block of ps-1 since", "sharedblock show ps-1"],
  [`sharedblock extend ps-1 wwid=${NOBODYS}`, "no host sees a LUN", "nearest"],
  [`sharedblock add cluster-1 wwid=${luns.orphan} name=ps-2 wipe=true`, "has the storage ps-1 already"],
  ["sharedblock detach ps-1 cluster-1", `volume vol-2 is open on ${HOST2}`, "/zstack sharedblock volumes ps-1"],
  ["sharedblock maintain ps-1", `volume vol-2 is open on ${HOST2}`],
  ["sharedblock enable ps-1", "ps-1 is enabled already"],
  ["sharedblock resize ps-1", "nothing grew", "sharedblock show ps-1"],
  [`lun rescue ${luns.orphan}`, `no host keeps a backup of ${luns.orphan}`],
  [`lun forget cluster-1 ${luns.blank}`, `${luns.blank} belongs to ps-1`, "sharedblock show ps-1"],
  [`lun forget cluster-1 ${luns.orphan}`, `the array still offers ${luns.orphan} to`],
  [`lun forget cluster-1 ${NOBODYS}`, "no host sees a LUN of that name"],
  [`host remove ${HOST3}`, `${HOST3} holds the lease of ps-1 as host id 3`],
  [`host remove ${HOST3} force=true reason="burnt out"`, "holds the lease of ps-1 as host id 3"],
];

/** As well, while the third host can't be asked; sanlock sees that it lives. */
const refusalsInTheDark: typeof refusals = [
  [`sharedblock extend ps-1 wwid=${luns.orphan} wipe=true`, `${HOST3} can't be read`, "sharedblock reconnect ps-1"],
  ["sharedblock maintain ps-1", `${HOST3} can't be asked`],
  ["sharedblock detach ps-1 cluster-1", `${HOST3} can't be asked what it uses of ps-1`],
  [`host remove ${HOST3}`, `${HOST3} may hold leases of ps-1 and can't be asked`, `${HOST3} may be alive`],
  [
    `host remove ${HOST3} force=true reason="burnt out"`,
    new RegExp(`may be alive: ${HOST1} saw it renew its lease of ps-1 \\d+ s ago`),
  ],
];

/** One storage in use for all of them: none of the words changes anything. */
describe("any command: a harmful change is refused while a storage is in use", { timeout: LIMIT_MS }, () => {
  let story: Story;
  let before: readonly [Inventory, readonly string[]];
  const now = async () => [story.bot.world.inventory.current(), await story.hosts.changes()] as const;
  beforeAll(async () => {
    story = await Story.begin();
    await story.arranges("mounted");
    await story.arranges("notEverywhere");
    await addsStorage(story);
    const group = storageIn(story).uuid;
    await story.hosts.makesVolume(group, "vol-1", 256 * MEBIBYTE);
    await story.hosts.makesVolume(group, "vol-2", 256 * MEBIBYTE);
    await story.hosts.activates(group, "vol-2", HOST2);
    await story.hosts.opens(group, "vol-2", HOST2);
    before = await now();
  }, LIMIT_MS);
  afterAll(async () => {
    const after = await now();
    await story.ends();
    expect(after).toEqual(before);
  }, LIMIT_MS);

  const isRefused = async (words: string, why: readonly (string | RegExp)[]) => {
    await story.says(`/zstack ${words}`);
    await story.shows(/[A-Z]+_[A-Z_]+ \S/, ...why);
  };

  it("but not a reconnection, which finds nothing to do", async () => {
    await story.says("/zstack sharedblock reconnect ps-1");
    await story.shows("Reconnect ps-1: done", /host1, \S*host2, \S*host3 ?: nothing was wrong/);
  });

  it.for(rowsOf(refusals))("%s", ([words, ...why]) => isRefused(words, why));

  describe("and while one of its hosts does not answer the bot", () => {
    beforeAll(() => story.hosts.fault(HOST3, { kind: "down" }), LIMIT_MS);
    afterAll(() => story.hosts.heal(HOST3), LIMIT_MS);
    it.for(rowsOf(refusalsInTheDark))("%s", ([words, ...why]) => isRefused(words, why));
  });
});
