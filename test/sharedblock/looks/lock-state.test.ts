import { describe, expect, it } from "vitest";
import type { LeaseState } from "../../../src/host/lease.ts";
import { type LockState, lockStateIn, servesGroup } from "../../../src/sharedblock/looks/lock-state.ts";

const group = "7c9e6679742540de944be07fc1f90ae7";

describe("locks are held only where lvmlockd and sanlock both say so", () => {
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
  it.each(cases)("lease %s, joined %s: %s", (lease, joined, state) => {
    const other = { volumeGroup: `${group}x`, hostId: 3, state: "held" } as const;
    const locks = {
      leases: lease === null ? [other] : [other, { volumeGroup: group, hostId: 3, state: lease }],
      lockspaces: joined ? [{ volumeGroup: group, volumeGroupUuid: "QyJsQf", lockType: "sanlock" }] : [],
    };
    expect(lockStateIn(group, locks)).toBe(state);
    expect(servesGroup(locks, group)).toBe(state === "held");
  });
});
