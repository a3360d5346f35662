import { describe, expect, it } from "vitest";
import { check, mapRead } from "../../src/core/check.ts";
import { isNotInstalled, noneIfNotInstalled, orNone } from "../../src/core/not-installed.ts";
import { done, unknown } from "../../src/core/outcome.ts";
import { listLeases } from "../../src/host/sanlock.ts";

const missing = { kind: "failed", exitCode: 127, stderr: "timeout: failed to run command 'sanlock'" } as const;
const absent = { stdout: "", stderr: missing.stderr, exitCode: 127 };

describe("a program that is not installed", () => {
  it("means none if the caller says so, and is a problem otherwise", () => {
    const seen = { leases: missing, lockspaces: missing, maps: done(["a"]) };
    const filled = noneIfNotInstalled(seen, { leases: null as never });
    expect(filled).toEqual({ leases: done(null), lockspaces: missing, maps: done(["a"]) });
  });

  it("is different from any other failure, and from a lost answer", () => {
    for (const outcome of [{ ...missing, exitCode: 1 }, unknown("the connection was lost"), done(null)]) {
      expect(isNotInstalled(outcome)).toBe(false);
      expect(noneIfNotInstalled({ leases: outcome }, { leases: null as never })).toEqual({ leases: outcome });
    }
  });

  it("means none for a read of a check", () => {
    const holdsNothing = check(orNone(listLeases, []), (leases) => (leases?.length === 0 ? null : "holds a lease"));
    expect(holdsNothing.exitCodes).toContain(127);
    expect(holdsNothing.parse(absent)).toBeNull();
    const count = mapRead(orNone(listLeases, null), (leases) => leases?.length ?? null);
    expect(count.parse(absent)).toBeNull();
  });
});
