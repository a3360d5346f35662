import { describe, expect, it } from "vitest";
import type { Host } from "../../../src/core/inventory.ts";
import { done, unknown } from "../../../src/core/outcome.ts";
import { volumesIn } from "../../../src/storage/observe/volumes.ts";
import { volumeWarnings } from "../../../src/storage/render/volume-table.ts";

const GROUP = "7c9e6679742540de944be07fc1f90ae7";
const hostNamed = (name: string): Host => ({
  uuid: name.padEnd(32, "0"),
  name,
  clusterUuid: "c".repeat(32),
  address: "192.0.2.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: 1,
});
const volume = { name: "vol-1", uuid: "vol-1-uuid", volumeGroup: GROUP, sizeBytes: 1024, tags: [] };
const active = { volumeGroupUuid: "group-uuid", uuid: "vol-1-uuid", openCount: 2, mapperName: `${GROUP}-vol--1` };
const lock = { volumeGroup: GROUP, uuid: "vol-1-uuid", mode: "exclusive" as const };

const answer = (name: string, isActive: boolean, isLocked: boolean) => ({
  host: hostNamed(name),
  seen: {
    groups: done([]),
    listed: done([volume, { ...volume, uuid: "other", volumeGroup: "rl" }]),
    active: done(isActive ? [active] : []),
    locks: done(isLocked ? [lock] : []),
  },
});

describe("volumes of several hosts", () => {
  it("are listed once, with all users", () => {
    const { volumes, hosts } = volumesIn(GROUP, [answer("host1", true, true), answer("host2", false, false)]);
    expect(
      volumes.map((each) => [each.name, each.activeOn.map(({ host, openCount }) => [host.name, openCount])]),
    ).toEqual([["vol-1", [["host1", 2]]]]);
    expect(volumeWarnings(volumes, hosts)).toEqual([]);
  });

  it("are reported if a device has no lock, or a lock has no device", () => {
    const { volumes, hosts } = volumesIn(GROUP, [answer("host1", true, false), answer("host2", false, true)]);
    expect(volumeWarnings(volumes, hosts)).toEqual([
      "vol-1 is active on host1 without a lock: another host may activate it too",
      "vol-1 is locked by host2, where it is not active: no other host can activate it",
    ]);
  });

  it("are not called unlocked on a host with unknown locks", () => {
    const lost = answer("host1", true, false);
    const silent = { ...lost, seen: { ...lost.seen, locks: unknown("the connection was lost") } };
    const look = volumesIn(GROUP, [silent]);
    expect(look.hosts[0]?.problems).toEqual(["the connection was lost"]);
    expect(volumeWarnings(look.volumes, look.hosts)).toEqual([]);
  });
});
