import { describe, expect, it } from "vitest";
import type { Gathered, ReadCommand, Reads } from "../../../src/core/host-command.ts";
import type { Host, PrimaryStorage } from "../../../src/core/inventory.ts";
import { done, type Outcome } from "../../../src/core/outcome.ts";
import { digestOf, type Plan, planLines } from "../../../src/core/plan.ts";
import { type GuardRead, objectionText } from "../../../src/core/step.ts";
import { listBlockDevices, listEveryBlockDevice } from "../../../src/host/lsblk.ts";
import { listPhysicalVolumes } from "../../../src/host/lvm.ts";
import { listMultipathMaps } from "../../../src/host/multipath.ts";
import { listDiskIds } from "../../../src/host/udev.ts";
import { outcomeOf } from "../../../src/ssh/outcome-of.ts";
import { lunGuard } from "../../../src/storage/checks/lun-guard.ts";
import { unseenSteps } from "../../../src/storage/plans/delete-gone.ts";
import * as largest from "../../host/largest-output.ts";
import { LONGEST_MS, longestSlice } from "../../longest-slice.ts";
import { uuid } from "../../store/samples.ts";

const host = (number: number): Host => ({
  ...{ uuid: uuid(number), name: `host${number}`, clusterUuid: uuid(999), address: "127.0.0.1", port: 22 },
  ...{ user: "root", hostKeySha256: "SHA256:x", sanlockHostId: null },
});

const LUNS = 5_000;
const output = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
const tree = largest.lsblk(LUNS, 2, false);
/** What a host with 5,000 LUNs over two paths each prints; of the rest it has nothing. */
const printed = new Map<ReadCommand<unknown>, string>([
  [listMultipathMaps, largest.multipath(LUNS, 2)],
  [listDiskIds, largest.diskIds(LUNS)],
  [listBlockDevices, tree],
  [listEveryBlockDevice, tree],
  [listPhysicalVolumes, largest.pvs(LUNS)],
]);
const parsed = new Map(Array.from(printed, ([read, stdout]) => [read.argv.join(" "), read.parse(output(stdout))]));
const wwids = listMultipathMaps.parse(output(largest.multipath(LUNS, 2))).map(({ wwid }) => wwid);

/** Of the rest it has nothing, and prints nothing. */
const empty = new Map<string, unknown>();
const gather = async <R extends Reads>(_: Host, reads: R): Promise<Gathered<R>> => {
  const outcomes = Object.entries(reads).map(([name, read]): [string, Outcome] => {
    const known = parsed.get(read.argv.join(" "));
    if (known === undefined && !empty.has(name)) empty.set(name, nothing(read));
    return [name, done(known ?? empty.get(name))];
  });
  return Object.fromEntries(outcomes) as Gathered<R>;
};

function nothing(read: ReadCommand<unknown>): unknown {
  try {
    return read.parse(output(""));
  } catch {
    return [];
  }
}

const guardsOf = (hosts: readonly [Host, ...Host[]], meant: readonly string[]) =>
  lunGuard({
    writer: hosts[0],
    luns: meant.map((wwid) => ({ wwid, planned: [], neededBy: [hosts[0]] })),
    asked: { asked: hosts, unasked: [] },
    ours: null,
  });

const asked = async (guards: readonly GuardRead[]): Promise<unknown> => {
  const objections = await Promise.all(guards.map((guard) => guard.ask(gather)));
  for (const each of objections)
    expect(each === null ? "" : objectionText([each])).toContain("is a physical volume of volume group");
  return objections;
};

describe("a guard on a host with 5,000 LUNs", () => {
  it("answers in slices between which other work runs, for one LUN and for 200", async () => {
    for (const meant of [wwids.slice(0, 1), wwids.slice(0, 200)]) {
      const guards = guardsOf([host(1), host(2)], meant);
      expect(await longestSlice(() => asked(guards)), `${meant.length} LUNs`).toBeLessThan(LONGEST_MS);
    }
  });

  it("verifies that 5,000 LUNs are gone in such slices too", async () => {
    const sharedBlocks = wwids.map((wwid) => ({ wwid })) as unknown as PrimaryStorage["sharedBlocks"];
    for (const step of unseenSteps({ uuid: uuid(7), sharedBlocks }, host(1))) {
      const check = "check" in step ? step.check : expect.fail("it is no check");
      const stdout =
        printed.get([...printed.keys()].find(({ argv }) => argv.join() === check.argv.join()) ?? check) ?? "";
      const slice = await longestSlice(() => outcomeOf(check, output(stdout), "root"));
      expect(slice, check.argv.join(" ")).toBeLessThan(LONGEST_MS);
    }
  });
});

describe("the largest plan", () => {
  it("of 100 hosts with 10 LUNs each is written as lines and as a digest at once", async () => {
    const command = {
      effect: "change",
      argv: ["multipathd", "resize", "map"],
      timeoutMs: 1,
      exitCodes: [0],
      parse: () => null,
    } as const;
    const steps = Array.from({ length: 1_000 }, (_, index) => ({
      ...{ host: host(index % 100), command, why: "the map has the size that the array reports" },
      guard: guardsOf([host(index % 100)], wwids.slice(0, 1)),
    }));
    const plan: Plan = {
      ...{
        title: "x",
        verb: "Run It",
        undo: { none: "It is a test." },
        facts: [],
        irreversible: [],
        typedConfirmation: null,
        leftOut: [],
        locks: [],
        afterwards: [],
        result: null,
      },
      stages: [{ kind: "hosts", title: "resize", steps }],
    };
    expect(planLines(plan)).toHaveLength(1_002);
    expect(await longestSlice(async () => digestOf(plan))).toBeLessThan(LONGEST_MS);
  });
});
