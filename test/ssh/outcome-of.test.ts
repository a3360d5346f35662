import { describe, expect, it } from "vitest";
import { reasonOf } from "../../src/core/outcome.ts";
import { startLockspace } from "../../src/host/lockspace.ts";
import { resizeMap } from "../../src/host/multipath-map.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";

const printed = (stdout: string, stderr: string, exitCode: number) => ({ stdout, stderr, exitCode });

describe("what became of a change", () => {
  it("is failed where the program says that it did not do it, whatever its exit code", async () => {
    const fail = await outcomeOf(resizeMap("mpatha"), printed("fail\n", "", 0), "root");
    expect(fail).toEqual({ kind: "failed", exitCode: 0, stderr: "fail" });
    const said = "  Using lock start and lock stop requires lvmlockd.\n";
    const unused = await outcomeOf(startLockspace("7c9e"), printed("", said, 0), "root");
    expect(unused).toEqual({ kind: "failed", exitCode: 0, stderr: said.trim() });
    expect(reasonOf(unused)).toBe(said.trim());
  });

  it("is unknown where the answer tells neither that it was done nor that it was not", async () => {
    const late = await outcomeOf(resizeMap("mpatha"), printed("timeout\n", "", 1), "root");
    expect(late).toMatchObject({ kind: "unknown", reason: expect.stringContaining('"timeout"') });
    const odd = await outcomeOf(resizeMap("mpatha"), printed("what?\n", "", 0), "root");
    expect(odd.kind).toBe("unknown");
  });
});
