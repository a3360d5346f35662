import { describe, expect, it } from "vitest";
import { lateLeases, silentLease } from "../../src/watch/lease-elsewhere.ts";
import type { Observed } from "../../src/watch/sample.ts";
import { inventory, sample } from "./watched-host.ts";

const [host1] = inventory.hosts;
if (host1 === undefined) throw new Error("no host");
const [storage] = inventory.primaryStorages;

/** What host2 read of host1's lease at a time: for so many seconds it was unchanged. */
const read = (atS: number, unchangedS: number): Observed =>
  sample(2, { atMs: 1_000 * atS, storage: { unchangedS: new Map([[1, unchangedS]]) } });

describe("the lease of a host that is silent since second 100", () => {
  it.each([
    ["nothing, if others read it before only", read(99, 300), null],
    ["nothing, if it was renewed some seconds before the silence", read(110, 15), null],
    ["that it is alive, if it was renewed since then", read(160, 5), "it is alive: it renews its sanlock lease"],
    ["that it does not renew it", read(150, 45), "it does not renew its sanlock lease"],
    ["that it is dead", read(260, 150), "for sanlock it is dead: its lease is not renewed"],
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
