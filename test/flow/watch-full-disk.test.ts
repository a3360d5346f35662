import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { usualDamping } from "../../src/watch/incidents.ts";
import { usualSettings } from "../../src/watch/watcher.ts";
import { beginsVirtualTime, WatchedSan } from "./watched-san.ts";

beforeEach(() => beginsVirtualTime());
afterEach(() => void vi.useRealTimers());

const starts = async (): Promise<WatchedSan> => {
  const san = await new WatchedSan({ hosts: 3, luns: 2, ports: 2 }).starts();
  await san.passes(60);
  return san;
};
const losesLun = (san: WatchedSan) => san.sets(false, ({ host, lun }) => host === 0 && lun === 0);
/** A LUN is lost, and works again while no archive file can be written. */
const losesLunWithoutArchive = async (): Promise<WatchedSan> => {
  const san = await starts();
  losesLun(san);
  await san.passes(60);
  san.sets(true, () => true);
  san.full.add("archive");
  return san;
};
const inChannel = (san: WatchedSan) => san.posts.filter(({ place }) => place === "C1");

it("an incident that could not be written is posted once, soon after the disk has space again", async () => {
  const san = await starts();
  san.full.add("desk");
  losesLun(san);
  await san.passes(120);
  expect(inChannel(san)).toHaveLength(0);
  // Not with each round.
  expect(san.errors.filter((error) => error.startsWith("keeping the incidents")).length).toBeLessThan(40);
  san.full.clear();
  await san.passes(10);
  expect(san.titles).toEqual([expect.stringContaining("LUN …000000 has failed on host1")]);
  await san.passes(600);
  expect(inChannel(san)).toHaveLength(1);
  expect(san.incident("inc-1")).toMatchObject({ state: "open", severity: "critical" });
});

it("the end of an incident that could not be written is posted after the disk has space again", async () => {
  const san = await starts();
  losesLun(san);
  await san.passes(60);
  san.full.add("desk");
  san.sets(true, () => true);
  await san.passes(300);
  expect(san.incident("inc-1").state).toBe("open");
  san.full.clear();
  await san.passes(60);
  expect(san.incident("inc-1").state).toBe("resolved");
  expect(san.posts.at(-1)?.text).toContain("inc-1: resolved");
});

it("an incident that could not be archived stays on the desk until it can", async () => {
  const san = await losesLunWithoutArchive();
  await san.passes(1_200);
  expect(san.archived("inc-1")).toBeNull();
  expect(san.incident("inc-1").state).toBe("resolved");
  expect((await san.watch.incident("inc-1"))?.id).toBe("inc-1");
  const archived: string[] = [];
  for await (const { id } of san.watch.archived()) archived.push(id);
  expect(archived).toEqual(["inc-1"]);
  san.full.clear();
  await san.passes(120);
  expect(san.archived("inc-1")).toMatchObject({ state: "resolved", posted: { place: "C1" } });
  expect(san.desk.incidents).toEqual([]);
});

it("an incident that could not be archived is archived after a restart", async () => {
  const san = await losesLunWithoutArchive();
  await san.passes(1_200);
  san.kill();
  san.full.clear();
  const posts = san.posts.length;
  await san.starts();
  await san.passes(120);
  expect(san.archived("inc-1")).toMatchObject({ state: "resolved", posted: { place: "C1" } });
  expect(san.posts).toHaveLength(posts);
});

it("an archive file that can't be written delays no new incident", async () => {
  const san = await losesLunWithoutArchive();
  await san.passes(120);
  // The next one begins in the round in which this one leaves for the archive.
  const overMs = Date.parse(san.incident("inc-1").resolvedAt ?? expect.fail("it did not end"));
  await san.passes((overMs + usualDamping.backWithinMs - Date.now()) / 1_000);
  san.sets(false, ({ host, lun }) => host === 1 && lun === 0);
  await san.passes(0.5);
  // The desk was written all the same.
  expect(new Set(san.errors)).toEqual(new Set(["archiving inc-1: Error: ENOSPC"]));
  expect(san.titles).toContainEqual(expect.stringContaining("inc-2: LUN …000000 has failed on host2"));
});

it("a comparison that fails does not end the bot, and the next one has its findings", async () => {
  let fails = false;
  const lastsMs: typeof usualDamping.lastsMs = (kind) => {
    if (fails) throw new Error("a fault of the code");
    return usualDamping.lastsMs(kind);
  };
  const settings = { ...usualSettings, damping: { ...usualDamping, lastsMs } };
  const san = await new WatchedSan({ hosts: 3, luns: 2, ports: 2 }, settings).starts();
  await san.passes(60);
  losesLun(san);
  await san.passes(10);
  // The next round is one that no observation makes.
  fails = true;
  await san.passes(2);
  san.sets(false, ({ host, lun }) => host === 1 && lun === 1);
  await san.passes(30);
  expect(san.errors).toContain("comparing the findings: Error: a fault of the code");
  expect(inChannel(san)).toHaveLength(1);
  fails = false;
  await san.passes(10);
  expect(san.titles).toContainEqual(expect.stringContaining("LUN …000001 has failed on host2"));
});
