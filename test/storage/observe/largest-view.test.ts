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
import { makingMultipathParts, observeMaps } from "../../../src/storage/render/maps.ts";
import { makingLunTable } from "../../../src/storage/render/matrix.ts";
import { volumesReply } from "../../../src/storage/render/volume-table.ts";
import * as largest from "../../host/largest-output.ts";
import { LONGEST_MS, longestSlice } from "../../longest-slice.ts";
import { uuid } from "../../store/samples.ts";

const host = (number: number): Host => ({
  ...{ uuid: uuid(number), name: `host${number}`, clusterUuid: uuid(999), address: "127.0.0.1", port: 22 },
  ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: null },
});

const hostsTo = (count: number): Host[] => Array.from({ length: count }, (_, index) => host(index + 1));
const output = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
/** Each host answers these values, and nothing else. */
const gathering =
  (values: Readonly<Record<string, unknown>>) =>
  async <R extends Reads>(_: Host, reads: R): Promise<Gathered<R>> => {
    const outcomes: [string, Outcome][] = Object.keys(reads).map((name) => [name, done(values[name] ?? [])]);
    return Object.fromEntries(outcomes) as Gathered<R>;
  };

/** What hosts with so much answer, parsed once. */
function factsOf(luns: number, paths: number): Facts {
  const text = {
    maps: largest.multipath(luns, paths),
    ids: largest.diskIds(luns),
    devices: largest.lsblk(luns, paths, false),
    volumes: largest.pvs(luns),
  };
  const values = {
    maps: listMultipathMaps.parse(output(text.maps)),
    ids: listDiskIds.parse(output(text.ids)),
    devices: listBlockDevices.parse(output(text.devices)),
    volumes: listPhysicalVolumes.parse(output(text.volumes)),
  };
  // Nothing else of the facts is asked for.
  return {
    gather: gathering(values),
    inventory: emptyInventory,
    observations: { keep: () => undefined, of: () => [] },
  } as unknown as Facts;
}

it.each([
  ...(process.env.ROWS === "all" ? ([[3, 1_250, 8]] as const) : []),
  [3, 5_000, 2] as const,
  [100, 100, 4] as const,
])(
  "LUNs of %i hosts with %i LUNs over %i paths are merged in slices, so that other work can run",
  async (count, luns, paths) => {
    const facts = factsOf(luns, paths);
    const hosts = hostsTo(count);
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
      }),
    ).toBeLessThan(LONGEST_MS);
  },
);

it("10,000 volumes on three hosts are shown in such slices too", async () => {
  const listed = listLogicalVolumes.parse(output(largest.lvs(10_000)));
  const [first] = listed;
  const active = listed.map(({ uuid: id, name }) => ({
    volumeGroupUuid: "g",
    uuid: id,
    openCount: 1,
    mapperName: name,
  }));
  const locks = listed.map(({ uuid: id, volumeGroup }) => ({ volumeGroup, uuid: id, mode: "exclusive" as const }));
  const cluster = { uuid: uuid(999), name: "cluster-1", zoneUuid: uuid(998) };
  const storage = {
    uuid: first?.volumeGroup ?? "",
    name: "ps-1",
    zoneUuid: cluster.zoneUuid,
    clusterUuids: [cluster.uuid],
  };
  const inventory = { clusters: [cluster], hosts: hostsTo(3), primaryStorages: [storage] };
  const facts = { gather: gathering({ listed, active, locks }), inventory } as unknown as Facts;
  expect(
    await longestSlice(async (turn) => {
      const whole = await volumesReply({ name: "ps-1" }, facts);
      const [table] = whole.parts;
      if (table?.kind !== "table") expect.fail("it shows no table");
      expect(table.rows).toHaveLength(10_000);
      expect(table.rows[2]?.slice(0, 3)).toEqual([
        "vol-2",
        "host1, host2, host3 (open 1 ×)",
        "host1, host2, host3 (exclusive)",
      ]);
      await turn();
      messageOf({ reply: limitRows(whole, null) }, true);
    }),
  ).toBeLessThan(LONGEST_MS);
});

it("the maps of 100 hosts are shown in such slices too", async () => {
  const maps = listMultipathMaps.parse(output(largest.multipath(250, 4)));
  const facts = { gather: gathering({ maps }), inventory: emptyInventory } as unknown as Facts;
  expect(
    await longestSlice(async (turn) => {
      const views = await observeMaps(hostsTo(100), facts);
      await turn();
      const parts = await runInSlices(makingMultipathParts(views, null));
      await turn();
      const reply = limitRows({ title: "x", tone: "plain", parts, next: [] }, "/zstack multipath status HOST");
      messageOf({ reply }, true);
      expect(plainLines(reply.parts)[0]).toBe("25000 maps: 0 lost, 0 degraded, 25000 healthy.");
    }),
  ).toBeLessThan(LONGEST_MS);
});
