import { describe, expect, it } from "vitest";
import { oneLinePerFact } from "../../src/core/one-line-per-fact.ts";

describe("one line per fact", () => {
  it("names the hosts that have the same fact in one line, in their order", () => {
    expect(
      oneLinePerFact([
        "LUN …a is a PV of vg_archive (seen on host1)",
        "LUN …a is mounted on host2 at /mnt",
        "LUN …a is a PV of vg_archive (seen on host2)",
        "LUN …a is a PV of vg_archive (seen on host3)",
      ]),
    ).toEqual(["LUN …a is a PV of vg_archive (seen on host1, host2, host3)", "LUN …a is mounted on host2 at /mnt"]);
  });

  it("does not merge texts that differ otherwise, or that name two places", () => {
    const apart = [
      "LUN …a is mounted on host1 at /mnt",
      "LUN …a is mounted on host2 at /srv",
      "VG ps-1 on host1 differs from the one on host2",
      "VG ps-1 on host1 differs from the one on host3",
    ];
    expect(oneLinePerFact(apart)).toEqual(apart);
  });

  it("shows equal lines once", () => {
    expect(oneLinePerFact(["no host answers", "no host answers"])).toEqual(["no host answers"]);
  });

  it("counts the hosts that don't fit a line", () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `host${index + 1}`);
    expect(oneLinePerFact(hosts.map((host) => `LUN …a is open on ${host}`))).toEqual([
      "LUN …a is open on host1, host2, host3, host4, host5, host6 and 94 others",
    ]);
  });
});
