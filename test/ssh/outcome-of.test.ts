import { describe, expect, it } from "vitest";
import { reasonOf } from "../../src/core/outcome.ts";
import { startLockspace } from "../../src/host/lvmlockctl.ts";
import { resizeMap } from "../../src/host/multipathd.ts";
import { outcomeOf } from "../../src/ssh/outcome-of.ts";

const printed = (stdout: string, stderr: string, exitCode: number) => ({ stdout, stderr, exitCode });

describe("why a program failed", () => {
  const reason = (...lines: string[]) => reasonOf({ kind: "failed", exitCode: 5, stderr: lines.join("\n") });

  it("is not what it says at each run", () => {
    const cause = "  Cannot process volume group ps1";
    for (const beside of [
      '  Configuration setting "devices/hints" unknown.',
      'vgs: Configuration setting "devices/use_devicesfile" unknown.',
      "  WARNING: Not using lvmetad because config setting use_lvmetad=0.",
      "  WARNING: To avoid corruption, rescan devices to make changes visible (pvscan --cache).",
      "File descriptor 5 (pipe:[12675]) leaked on vgs invocation. Parent PID 812: sh",
      "sudo: unable to resolve host h1: Name or service not known",
      "sh: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)",
      "  WARNING: Device for PV zUbBDF not found or rejected by a filter.",
    ]) {
      expect(reason(beside, cause)).toBe("exit code 5: Cannot process volume group ps1");
    }
  });

  it("is a warning if nothing else is said", () => {
    expect(reason("  WARNING: lvmlockd process is not running.")).toBe(
      "exit code 5: WARNING: lvmlockd process is not running.",
    );
    expect(reason('  Configuration setting "devices/hints" unknown.')).toContain("devices/hints");
    expect(reason("")).toBe("exit code 5");
  });
});

describe("what became of a change", () => {
  it("is failed if the program says that it did not do it, for any exit code", async () => {
    const fail = await outcomeOf(resizeMap("mpatha"), printed("fail\n", "", 0), "root");
    expect(fail).toEqual({ kind: "failed", exitCode: 0, stderr: "fail" });
    const said = "  Using lock start and lock stop requires lvmlockd.\n";
    const unused = await outcomeOf(startLockspace("7c9e"), printed("", said, 0), "root");
    expect(unused).toEqual({ kind: "failed", exitCode: 0, stderr: said.trim() });
    expect(reasonOf(unused)).toBe(said.trim());
  });

  it("is unknown if the answer shows neither success nor failure", async () => {
    const late = await outcomeOf(resizeMap("mpatha"), printed("timeout\n", "", 1), "root");
    expect(late).toMatchObject({ kind: "unknown", reason: expect.stringContaining('"timeout"') });
    const unclear = await outcomeOf(resizeMap("mpatha"), printed("what?\n", "", 0), "root");
    expect(unclear.kind).toBe("unknown");
  });
});

describe("what a program printed", () => {
  const reads = { ...resizeMap("mpatha"), effect: "read" as const, parse: () => null };
  const of = (stdout: string, keeps: boolean) => outcomeOf(reads, printed(stdout, "", 0), "root", keeps);

  it("is kept up to 4,000 characters for a step, also of a read, and not for a query", async () => {
    expect(await of("mpatha\n", true)).toMatchObject({ kind: "done", output: "mpatha" });
    expect(await of("m".repeat(10_000), true)).toMatchObject({ output: "m".repeat(4_000) });
    expect(await of("mpatha\n", false)).not.toHaveProperty("output");
  });
});
