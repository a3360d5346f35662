import { describe, expect, it } from "vitest";
import { lateLeases, otherNamesIn, silentLease, takenBy } from "../../src/watch/lease-elsewhere.ts";
import type { Observed } from "../../src/watch/sample.ts";
import { inventory, sample } from "./watched-host.ts";

const [host1] = inventory.hosts;
if (host1 === undefined) throw new Error("no host");
const [storage] = inventory.primaryStorages;

/** What host2 read of host1's lease at a time: for so many seconds it was unchanged. */
const read = (atS: number, unchangedS: number): Observed =>
  sample(2, { atMs: 1_000 * atS, storage: { unchangedS: new Map([[1, unchangedS]]) } });

const foreign = (aliveAtS: number) => [{ hostId: 1, ownerName: "foreign", aliveAtMs: 1_000 * aliveAtS }];
/** What host2 read of host1's id at a time: another name, renewed then or later. */
const readName = (atS: number, aliveAtS: number): Observed =>
  sample(2, { atMs: 1_000 * atS, storage: { unchangedS: new Map([[1, 5]]), otherNames: foreign(aliveAtS) } });

describe("the lease of a host that is silent since second 100", () => {
  it.each([
    ["nothing, if others read it before only", read(99, 300), null],
    ["nothing, if it was renewed some seconds before the silence", read(110, 15), null],
    ["that it is alive, if it was renewed since then", read(160, 5), "it is alive: it renews its sanlock lease"],
    ["that it does not renew it", read(150, 45), "it does not renew its sanlock lease"],
    ["that it is dead", read(260, 150), "for sanlock it is dead: its lease is not renewed"],
    [
      "that its lease has another name",
      readName(160, 130),
      "its lease is renewed under another name: sanlock started again there, or another host has its host id",
    ],
    ["nothing of another name that was renewed before", readName(110, 85), null],
    ["nothing, if the other host is silent too", { hostUuid: "x", atMs: 1, silence: "timed out" }, null],
  ])("says %s", (_, other, text) => {
    expect(silentLease(host1, 100_000, [other])?.text ?? null).toBe(text);
  });
  it("is critical once it is not renewed", () => {
    expect(silentLease(host1, 100_000, [read(160, 5)])?.severity).toBe("warning");
    expect(silentLease(host1, 100_000, [read(150, 45)])?.severity).toBe("critical");
  });
  it("is late for the hosts that read it, if sanlock does not say it", () => {
    expect([...lateLeases(host1, 100_000, [read(150, 45)])]).toEqual([[storage?.uuid, 45]]);
    expect([...lateLeases(host1, 100_000, [read(150, 20)])]).toEqual([]);
    expect([...lateLeases(host1, 100_000, [read(90, 45)])]).toEqual([]);
  });
});

describe("the host id of a host on which sanlock has its name since second 100", () => {
  const own = { name: "own", sinceMs: 100_000 };
  const times = { beforeMs: 190_000, atMs: 200_000 };
  const silent: Observed = { hostUuid: "x", atMs: 199_000, silence: "timed out" };
  it.each([
    ["in use by another host that renews its lease", [readName(150, 120)], "foreign"],
    ["not known, if it may be the lease of the sanlock before", [readName(150, 95)], undefined],
    ["not known, if others read it after the host was observed", [readName(201, 180)], undefined],
    ["its own, if others read that since", [read(195, 300)], null],
    ["not known, if others read that before only", [read(150, 300)], undefined],
    ["not known, if one of them has doubts", [readName(150, 95), read(195, 5)], undefined],
    ["not known, if all others are silent", [silent], undefined],
  ])("is %s", (_, others, name) => {
    expect(takenBy(host1, own, storage?.uuid ?? "", times, others)).toBe(name);
  });
  it("has another name only if its lease is renewed, and the name of its host is known", () => {
    const lease = { hostId: 2, ownerName: "other", released: false, unchangedSeconds: 5, ioTimeoutSeconds: 10 };
    const read = (given: Partial<typeof lease>, known: string | null = "own") =>
      otherNamesIn([{ ...lease, ...given }], host1, () => known, 100_000);
    expect(read({})).toEqual([{ hostId: 2, ownerName: "other", aliveAtMs: 75_000 }]);
    expect(read({ ownerName: "own" })).toEqual([]);
    expect(read({ released: true })).toEqual([]);
    expect(read({ unchangedSeconds: 40 })).toEqual([]);
    expect(read({ hostId: 1 })).toEqual([]);
    expect(read({}, null)).toEqual([]);
  });
});
