import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { mapRead } from "../../src/core/check.ts";
import { fallbackCommand, type ReadCommand } from "../../src/core/host-command.ts";
import { orNone } from "../../src/core/not-installed.ts";
import { type Outcome, unknown, valueOr } from "../../src/core/outcome.ts";
import { PART } from "../../src/core/parts.ts";
import { listActiveVolumes } from "../../src/host/dmsetup.ts";
import { listIscsiSessions } from "../../src/host/iscsi-session.ts";
import { listBlockDevices } from "../../src/host/lsblk.ts";
import { listLogicalVolumes, listPhysicalVolumes } from "../../src/host/lvm.ts";
import { listLockspaces } from "../../src/host/lvmlockctl.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { listLeases } from "../../src/host/sanlock.ts";
import { listKernelDisks, listScsiDevices } from "../../src/host/scsi.ts";
import { listDiskIds } from "../../src/host/udev.ts";
import { readVmDefinitions, VMS_A_READ } from "../../src/host/vm-definition.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";
import { limitsOf } from "../../src/ssh/output-limits.ts";
import { LONGEST_MS, longestSlice } from "../longest-slice.ts";
import { sizeOf } from "../scenario/rows.ts";
import * as largest from "./largest-output.ts";

const inOlder = <T>(read: ReadCommand<T>): ReadCommand<T> => {
  const { argv, parse } = fallbackCommand(read) ?? expect.fail("it has no older form");
  return { ...read, argv, parse };
};
const asItIs = <T>(read: ReadCommand<T>): ReadCommand<T> => mapRead(read, (value) => value);

/** Enough for several parts. Of each tool one output has the largest size. */
const SOME = sizeOf(4_000, 10_000);

const outputs: [ReadCommand<unknown>, stdout: string, objects: number][] = [
  [listMultipathMaps, largest.multipath(5_000, 2), 5_000],
  [listMultipathMaps, largest.multipath(SOME / 4, 8), SOME / 4],
  [listBlockDevices, largest.lsblk(SOME / 8, 8, false), SOME],
  [listBlockDevices, largest.lsblk(1_250, 8, true), 10_000],
  [listBlockDevices, largest.lsblkVolumes(2_000, 4), 4],
  [inOlder(listBlockDevices), largest.lsblkPairs(1_250, 8), 10_000],
  // With another answer, they are parsed in parts too.
  [asItIs(listMultipathMaps), largest.multipath(SOME, 2), SOME],
  [inOlder(asItIs(listBlockDevices)), largest.lsblkPairs(SOME, 2), 2 * SOME],
  [orNone(listActiveVolumes, []), largest.dmsetup(SOME), SOME / 2],
  [listDiskIds, largest.diskIds(10_000), 50_000],
  [listScsiDevices, largest.lsscsi(10_000), 10_000],
  [listKernelDisks, largest.sysBlock(10_000), 10_000],
  [listPhysicalVolumes, largest.pvs(10_000), 10_000],
  [listLogicalVolumes, largest.lvs(10_000), 10_000],
  [listActiveVolumes, largest.dmsetup(20_000), 10_000],
  [listIscsiSessions, largest.iscsiSessions(80, 125), 80],
  [listLeases, largest.sanlock(10_000), 1],
  [listLockspaces, largest.lvmlockctl(10_000), 1],
  [
    readVmDefinitions(Array.from({ length: VMS_A_READ }, (_, vm) => largest.uuidOf(vm))),
    largest.definitions(20, 750),
    20,
  ],
];

describe("the largest plausible output", () => {
  it.each(outputs)(
    "of $argv is understood, in short slices between which other work runs",
    async (read, stdout, objects) => {
      const output = { stdout, stderr: "", exitCode: 0 };
      expect(stdout.length).toBeLessThanOrEqual(limitsOf(read).bytes);
      let turns = 0;
      let outcome: Outcome = unknown("not read yet");
      const slice = await longestSlice(async () => {
        turns = 0;
        let ended = false;
        const count = () => {
          turns++;
          if (!ended) setImmediate(count);
        };
        setImmediate(count);
        outcome = await outcomeOf(read, output, "root");
        ended = true;
      });
      expect(slice).toBeLessThan(LONGEST_MS);
      const value = valueOr(outcome, null);
      if (!Array.isArray(value)) expect.fail(JSON.stringify(outcome).slice(0, 500));
      expect(value).toHaveLength(objects);
      // The same as without slices. `toEqual` takes seconds for so much.
      expect(isDeepStrictEqual(value, read.parse(output))).toBe(true);
      if (stdout.length > 3 * PART && read !== listLeases && objects > 4)
        expect(turns).toBeGreaterThanOrEqual(stdout.length / (2 * PART));
    },
  );

  it("ends where the host's limit ends", async () => {
    const maps = largest.multipath(80_000, 8);
    const outcome = await outcomeOf(listMultipathMaps, { stdout: maps, stderr: "", exitCode: 0 }, "root");
    expect(outcome).toEqual({ kind: "unknown", reason: "implausible: multipath printed more than 8 MiB" });
  });
});

describe("JSON that is nested deeper than a tool's output", () => {
  it.each([
    ["arrays", "[".repeat(100_000)],
    ["children", `{"blockdevices":[${'{"name":"sda","type":"disk","ro":false,"children":['.repeat(100_000)}`],
    ["well-formed", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ])("is implausible before it is parsed: %s", async (_, stdout) => {
    const outcome = await outcomeOf(
      listBlockDevices,
      { stdout: stdout.slice(0, 900_000), stderr: "", exitCode: 0 },
      "root",
    );
    expect(outcome).toMatchObject({ kind: "unknown", reason: expect.stringContaining("implausible") });
  });

  it("ignores a text that only resembles it", () => {
    const label = "[{".repeat(500);
    const stdout = JSON.stringify({ blockdevices: [{ name: "sda", type: "disk", ro: false, label }] });
    expect(listBlockDevices.parse({ stdout, stderr: "", exitCode: 0 })).toMatchObject([{ label }]);
  });
});
