import { describe, expect, it } from "vitest";
import { textOf } from "../../../src/core/reply.ts";
import type { Verdict } from "../../../src/storage/health/cluster-observation.ts";
import { findingPart, findingsOf } from "../../../src/storage/health/findings.ts";
import { afterLoss, leaseLost } from "../../../src/storage/observe/lock-state.ts";

const lines = (found: readonly (readonly [host: string, check: string, verdict: Verdict])[]): string[] =>
  findingsOf(
    found.map(([host, check, verdict]) => ({ host, check, verdict })),
    "cluster-1",
    100,
  ).map((finding) => {
    const part = findingPart(finding);
    return part.kind === "text" ? textOf(part.text) : expect.fail("no line");
  });

const paths = (host: string, lun = "bbe7c8"): Verdict => ({
  ...{ grade: "at risk", luns: [lun], seen: "2/3 paths" },
  ...{ fix: "", next: `multipath status ${host}` },
});

const lostLease = (host: string): Verdict => ({
  ...{ grade: "unsafe", seen: "lease lost", sentence: leaseLost("ps-1") },
  fix: `on ${host}: ${afterLoss("vg1", "ps-1", host)}`,
});

describe("findings of a cluster", () => {
  it.each<[string, Parameters<typeof lines>[0], string[]]>([
    [
      "a LUN that one host does not see",
      [
        [
          "host3",
          "LUNs",
          {
            grade: "at risk",
            luns: ["bbe5f2"],
            seen: "not seen",
            also: "seen on 2 others",
            fix: "host rescan host3",
          },
        ],
      ],
      ["LUN …bbe5f2: not seen on host3, seen on 2 others. Fix: /zstack host rescan host3"],
    ],
    [
      "one fact of three hosts, with a command that only shows more",
      [
        ["host1", "paths", paths("host1")],
        ["host2", "paths", paths("host2")],
        ["host3", "paths", paths("host3")],
      ],
      ["LUN …bbe7c8: 2/3 paths on host1, host2, host3. Next: /zstack multipath status cluster-1"],
    ],
    [
      "a LUN on all of its hosts, and another LUN on one of them",
      [
        ["host1", "paths", paths("host1")],
        ["host2", "paths", paths("host2", "bbe00a")],
        ["host2", "paths", paths("host2")],
        ["host3", "paths", paths("host3")],
      ],
      [
        "LUN …bbe7c8: 2/3 paths on host1, host2, host3. Next: /zstack multipath status cluster-1",
        "LUN …bbe00a: 2/3 paths on host2. Next: /zstack multipath status host2",
      ],
    ],
    [
      "two LUNs with the same facts on the same hosts",
      ["host1", "host2"].flatMap((host) =>
        ["bbe00a", "bbe7c8"].map((lun) => [host, "paths", paths(host, lun)] as const),
      ),
      ["LUNs …bbe00a, …bbe7c8: 2/3 paths on host1, host2. Next: /zstack multipath status cluster-1"],
    ],
    [
      "a lost lease",
      [["host1", "lockspace", lostLease("host1")]],
      [
        "DATA AT RISK: host1 lost its sanlock lease for ps-1 while volumes were active. Other hosts can lock them now. On host1: 1. stop the VMs on ps-1 2. vgchange -an vg1 3. lvmlockctl --drop vg1, or reboot host1",
      ],
    ],
    [
      "lost leases of two hosts",
      ["host1", "host2"].map((host) => [host, "lockspace", lostLease(host)] as const),
      [
        "DATA AT RISK: host1, host2 lost their sanlock leases for ps-1 while volumes were active. Other hosts can lock them now. On each of these hosts: 1. stop the VMs on ps-1 2. vgchange -an vg1 3. lvmlockctl --drop vg1, or reboot the host",
      ],
    ],
    [
      "one fact of many hosts",
      Array.from({ length: 90 }, (_, index) => [`host${index}`, "paths", paths(`host${index}`)] as const),
      ["LUN …bbe7c8: 2/3 paths on 90 of 100 hosts. Next: /zstack multipath status cluster-1"],
    ],
    [
      "one fact with other values on each host",
      [1, 2, 30].map((age) => {
        const ofAll = (ages: readonly number[]) => `last renewed ${Math.min(...ages)} to ${Math.max(...ages)} s ago`;
        const own = { value: age, ofAll };
        const fix = `on host${age}: repair its paths`;
        return [`host${age}`, "lease", { grade: "broken", seen: `last renewed ${age} s ago`, own, fix }] as const;
      }),
      [
        "Broken lease on host1, host2, host30: last renewed 1 to 30 s ago. Fix: on each of these hosts: repair its paths",
      ],
    ],
    [
      "two hosts that the same command of the storage fixes",
      [
        ["host1", "lockspace", { grade: "broken", seen: "not joined", fix: "sharedblock reconnect ps-1 host1" }],
        ["host2", "lockspace", { grade: "broken", seen: "not joined", fix: "sharedblock reconnect ps-1 host2" }],
      ],
      ["Broken lockspace on host1, host2: not joined. Fix: /zstack sharedblock reconnect ps-1"],
    ],
    [
      "what a person does on each host",
      [
        ["host1", "time", { grade: "at risk", seen: "slow", fix: "on host1: chronyc makestep" }],
        ["host2", "time", { grade: "at risk", seen: "slow", fix: "on host2: chronyc makestep" }],
      ],
      ["time on host1, host2: slow. Fix: on each of these hosts: chronyc makestep"],
    ],
    [
      "the same sight of other hosts with other LUNs",
      [
        ["host1", "LUNs", { grade: "broken", luns: ["bbe001"], seen: "not seen", fix: "host rescan host1" }],
        ["host2", "LUNs", { grade: "broken", luns: ["bbe002"], seen: "not seen", fix: "host rescan host2" }],
      ],
      [
        "Broken LUN …bbe001: not seen on host1. Fix: /zstack host rescan host1",
        "Broken LUN …bbe002: not seen on host2. Fix: /zstack host rescan host2",
      ],
    ],
  ])("%s", (_, found, expected) => expect(lines(found)).toEqual(expected));
});
