import { describe, expect, it } from "vitest";
import type { Lease, LeaseState } from "../../../src/host/sanlock.ts";
import { type LockState, lockStateIn, servesGroup } from "../../../src/storage/observe/lock-state.ts";

const group = "7c9e6679742540de944be07fc1f90ae7";

describe("a host has locks only if lvmlockd and sanlock both report them", () => {
  const cases: readonly (readonly [lease: LeaseState | null, joined: boolean, state: LockState])[] = [
    [null, false, "none"],
    [null, true, "lost"],
    ["held", true, "held"],
    ["held", false, "unjoined"],
    ["joining", true, "joining"],
    ["joining", false, "joining"],
    ["leaving", false, "leaving"],
    ["dead", true, "dead"],
    ["dead", false, "dead"],
  ];
  it.each(cases)("lease %s, joined %s: %s", (sanlocks, joined, state) => {
    const lease = (name: string, state: LeaseState): Lease => {
      return {
        volumeGroup: name,
        hostId: 3,
        state,
        lockspace: `lvm_${name}:3:/dev/mapper/${name}-lvmlock:0`,
        orphans: [],
      };
    };
    const other = lease(`${group}x`, "held");
    const locks = {
      leases: sanlocks === null ? [other] : [other, lease(group, sanlocks)],
      lockspaces: joined ? [{ volumeGroup: group, volumeGroupUuid: "QyJsQf", lockType: "sanlock" }] : [],
    };
    expect(lockStateIn(group, locks)).toBe(state);
    expect(servesGroup(locks, group)).toBe(state === "held");
  });
});
