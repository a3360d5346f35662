import { expect, it } from "vitest";
import type { Facts } from "../../../src/core/facts.ts";
import type { Gathered, Reads } from "../../../src/core/host-command.ts";
import { emptyInventory, type Host } from "../../../src/core/inventory.ts";
import { done, type Outcome } from "../../../src/core/outcome.ts";
import { runInSlices } from "../../../src/core/parts.ts";
import { plainLines } from "../../../src/core/reply.ts";
import { limitRows } from "../../../src/core/reply-reach.ts";
import { listBlockDevices } from "../../../src/host/lsblk.ts";
import { listLogicalVolumes, listPhysicalVolumes } from "../../../src/host/lvm.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { listDiskIds } from "../../../src/host/udev.ts";
import { messageOf } from "../../../src/slack/blocks.ts";
import { observeHosts } from "../../../src/storage/observe/hosts.ts";
import { lunsOf } from "../../../src/storage/observe/lun.ts";
import { observeVolumes } from "../../../src/storage/observe/volumes.ts";
import { makingMultipathParts, observeMaps } from "../../../src/storage/render/maps.ts";
import { makingLunTable } from "../../../src/storage/render/matrix.ts";
import { volumeTable } from "../../../src/storage/render/volume-table.ts";
import * as largest from "../../host/largest-output.ts";
import { LONGEST_MS, longestSlice } from "../../longest-slice.ts";
import { uuid } from "../../store/samples.ts";

const host = (number: number): Host => ({
  ...{ uuid: uuid(number), name: `host${number}`, clusterUuid: uuid(999), address: "127.0.0.1", port: 22 },
  ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: null },
});

/** What hosts with so much answer, each parsed for itself. */
function factsOf(luns: number, paths: number): Facts {
  const text = {
    maps: largest.multipath(luns, paths),
    ids: largest.diskIds(luns),
    devices: largest.lsblk(luns, paths, false),
    volumes: largest.pvs(luns),
  };
  const output = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
  const values: Record<string, unknown> = {
    maps: listMultipathMaps.parse(output(text.maps)),
    ids: listDiskIds.parse(output(text.ids)),
    devices: listBlockDevices.parse(output(text.devices)),
    volumes: listPhysicalVolumes.parse(output(text.volumes)),
  };
  const gather = async <R extends Reads>(_: Host, reads: R) => {
    const outcomes: [string, Outcome][] = Object.keys(reads).map((name) => [name, done(values[name] ?? [])]);
    return Object.fromEntries(outcomes) as Gathered<R>;
  };
  // Nothing else of the facts is asked for.
  return {
    gather,
    inventory: emptyInventory,
    observations: { keep: () => undefined, of: () => [] },
  } as unknown as Facts;
}

it.each([
  [3, 1_250, 8],
  [3, 5_000, 2],
  [100, 100, 4],
])(
  "the LUNs of %i hosts that see %i over %i paths are merged and shown in slices between which other work runs",
  async (count, luns, paths) => {
    const facts = factsOf(luns, paths);
    const hosts = Array.from({ length: count }, (_, index) => host(index + 1));
    expect(
      await longestSlice(async (turn) => {
        const views = await observeHosts(hosts, facts);
        await turn();
        const found = lunsOf(views);
        await turn();
        const part = await runInSlices(makingLunTable(found, views, emptyInventory));
        await turn();
        const reply = { title: "LUNs", tone: "plain" as const, parts: [part], next: [] };
        expect(messageOf({ reply }, true).blocks.length).toBeGreaterThan(1);
        expect(found).toHaveLength(luns);
        expect(found[0]?.on).toHaveLength(count);
      }, 5),
    ).toBeLessThan(LONGEST_MS);
  },
);

it("10,000 volumes on three hosts, and the maps of 100 hosts, are shown in such slices too", async () => {
  const output = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
  const listed = listLogicalVolumes.parse(output(largest.lvs(10_000)));
  const maps = listMultipathMaps.parse(output(largest.multipath(250, 4)));
  const active = listed.map(({ uuid: id, name }) => ({
    volumeGroupUuid: "g",
    uuid: id,
    openCount: 1,
    mapperName: name,
  }));
  const locks = listed.map(({ uuid: id, volumeGroup }) => ({ volumeGroup, uuid: id, mode: "exclusive" as const }));
  const values: Record<string, unknown> = { listed, active, locks, maps };
  const gather = async <R extends Reads>(_: Host, reads: R) => {
    const outcomes: [string, Outcome][] = Object.keys(reads).map((name) => [name, done(values[name] ?? [])]);
    return Object.fromEntries(outcomes) as Gathered<R>;
  };
  const facts = { gather, inventory: emptyInventory } as unknown as Facts;
  const hosts = Array.from({ length: 100 }, (_, index) => host(index + 1));
  expect(
    await longestSlice(async (turn) => {
      const group = listed[0]?.volumeGroup ?? "";
      const { volumes } = await observeVolumes(group, hosts.slice(0, 3), facts);
      expect(volumes).toHaveLength(10_000);
      expect(volumes[2]).toMatchObject({ name: "vol-2", activeOn: [{}, {}, {}], lockedBy: [{}, {}, {}] });
      await turn();
      const table = volumeTable(volumes.slice(0, 5_000));
      await turn();
      messageOf({ reply: { title: "x", tone: "plain", parts: [table], next: [] } }, true);
      await turn();
      const views = await observeMaps(hosts, facts);
      await turn();
      const parts = await runInSlices(makingMultipathParts(views, null));
      await turn();
      const reply = limitRows({ title: "x", tone: "plain", parts, next: [] }, "/zstack multipath status HOST");
      messageOf({ reply }, true);
      expect(plainLines(reply.parts)[0]).toBe("25000 maps: 0 lost, 0 degraded, 25000 healthy.");
    }, 5),
  ).toBeLessThan(LONGEST_MS);
});
