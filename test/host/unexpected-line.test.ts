import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import type { HostCommand } from "../../src/core/host-command.ts";
import { type NotUnderstood, OutputNotUnderstood } from "../../src/core/not-understood.ts";
import { listExports, listHolders, listLoopDevices, listOpenFiles } from "../../src/host/device-users.ts";
import { listActiveVolumes, listOpenCounts } from "../../src/host/dmsetup.ts";
import { listSnapshotFills, listThinPoolFills } from "../../src/host/dmsetup-status.ts";
import { listFcHosts } from "../../src/host/fc-host.ts";
import { discoverTargets } from "../../src/host/iscsi-node.ts";
import { listIscsiSessions } from "../../src/host/iscsi-session.ts";
import { listRunningVms, listVmDisks } from "../../src/host/libvirt.ts";
import { listBlockDevices, listEveryBlockDevice } from "../../src/host/lsblk.ts";
import { listLogicalVolumes, listPhysicalVolumes, listVolumeGroups, listVolumeSpans } from "../../src/host/lvm.ts";
import { listLockspaces, listVolumeLocks } from "../../src/host/lvmlockctl.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { listHostLeases, listLeases } from "../../src/host/sanlock.ts";
import { listKernelDisks, listScsiDevices } from "../../src/host/scsi.ts";
import { readUnits } from "../../src/host/systemd.ts";
import { listDiskIds } from "../../src/host/udev.ts";
import { listSignatures } from "../../src/host/wipefs.ts";

const LISTS: Readonly<Record<string, HostCommand<readonly unknown[] | null>>> = {
  discoverTargets: discoverTargets({ address: "10.0.2.2", port: 3260 }),
  listActiveVolumes,
  listSnapshotFills,
  listThinPoolFills,
  listBlockDevices,
  listDiskIds,
  listEveryBlockDevice,
  listExports,
  listFcHosts,
  listHolders,
  listHostLeases: listHostLeases("7c9e6679742540de944be07fc1f90ae7"),
  listIscsiSessions,
  listKernelDisks,
  listLeases,
  listRunningVms,
  listVmDisks: listVmDisks("f1b9b5a3-c2a1-4c1d-9e0b-6d2d5a4c7c11"),
  listLockspaces,
  listLogicalVolumes,
  listLoopDevices,
  listMultipathMaps,
  listOpenCounts,
  listOpenFiles,
  listPhysicalVolumes,
  listScsiDevices,
  listSignatures: listSignatures("/dev/sdd"),
  listVolumeGroups,
  listVolumeLocks,
  listVolumeSpans,
  readUnits: readUnits(["sanlock.service"]),
};

const UNEXPECTED = [
  ...["unknown", "Welcome to host1", "    indented = words", "\tKilled", "0", "-", "{", "}", '"x"', '"x": 1,'],
  ...["|- ", "`- sdx is gone", "  |- 1:0:0:1 sdq", "mpathz is busy", "dm-9 ???", "WARNING: unknown"],
  ...[
    "VG",
    "VG abc",
    "LK",
    "PR x",
    "XX new kind",
    "s unknown",
    "r unknown",
    "p",
    "h 1",
    "7 timestamp",
    "Target",
    "SID: x",
  ],
  ...["lrwxrwxrwx unknown -> ", "a:b", "a:1", "NAME=", "/sys/class/fc_host/host9", "10.0.0.1 iqn.x"],
];

const CASES = new URL("cases/", import.meta.url);

describe("a line of a program's output that is not understood", () => {
  for (const [name, command] of Object.entries(LISTS)) {
    it(`${name} changes no other object, and names what it did not understand`, () => {
      for (const file of readdirSync(new URL(`${name}/`, CASES))) {
        const { output, older, expected } = JSON.parse(readFileSync(new URL(`${name}/${file}`, CASES), "utf8"));
        // For the largest outputs a few places are enough.
        const lines: string[] = output.stdout.split("\n");
        if (older === true || !Array.isArray(expected) || lines.length > 2_000) continue;
        const known = new Set(expected.map((each) => JSON.stringify(each)));
        const step = Math.max(1, Math.floor(lines.length / (process.env.ROWS === "all" ? 15 : 4)));
        for (let at = 0; at < lines.length; at += step) {
          for (const unclear of UNEXPECTED) {
            checkOne(
              command,
              { ...output, stdout: lines.toSpliced(at, 0, unclear).join("\n") },
              expected,
              known,
              `${file}:${at} ${unclear}`,
            );
          }
        }
      }
    });
  }
});

function checkOne(
  command: HostCommand<readonly unknown[] | null>,
  output: Parameters<typeof command.parse>[0],
  expected: readonly unknown[],
  known: ReadonlySet<string>,
  where: string,
): void {
  const notes: NotUnderstood[] = [];
  let value: readonly unknown[];
  try {
    value = command.parse(output, (unclear) => notes.push(unclear)) ?? [];
  } catch (error) {
    expect(error, where).toBeInstanceOf(OutputNotUnderstood);
    return;
  }
  // The texts are compared first, because nearly all objects have the same.
  const isKnown = (each: unknown) =>
    known.has(JSON.stringify(each)) || expected.some((one) => isDeepStrictEqual(one, each));
  const others = value.filter((each) => !isKnown(each));
  const missing = expected.length - (value.length - others.length);
  // An object that is missing or differs must be named: nothing may depend on it.
  if (others.length > 0 || missing > 0) {
    expect(
      notes.some(({ about }) => about === null || about.length > 0),
      `${where}: ${JSON.stringify(others)}`,
    ).toBe(true);
  }
}
