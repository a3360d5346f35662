import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HostCommand } from "../../src/core/host-command.ts";
import { shellLine } from "../../src/core/host-command.ts";
import { argvWithTimeout, outputsOf, shellScript } from "../../src/ssh/shell-script.ts";
import { runsOf } from "../scenario/rows.ts";
import { change, read, script } from "./commands.ts";

const mark = "--0b7c--";
function through(commands: readonly HostCommand<unknown>[]) {
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", shellScript(commands, "root", mark)], { encoding: "utf8" });
  return { stdout, stderr, outputs: outputsOf(stdout, stderr, mark, commands.length) };
}

/** Any text that can be an argument: no NUL, and no half of a surrogate pair, which has no UTF-8. */
const argument = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", "!", "*", "-", " ", "%", "~", "--0b7d--") }),
);

describe("a line on the wire", () => {
  it("is what its description says", () => {
    const script = `printf '\\n%s\\n' 'M' >&2; 'timeout' '--kill-after=5' '5' 'multipath' '-ll'; printf '\\n%s %d\\n' 'M' "$?"; printf '\\n%s\\n' 'M' >&2`;
    expect(shellScript([read(["multipath", "-ll"])], "root", "M")).toBe(
      `printf '%s\\n' 'M'; printf '%s\\n' 'M' >&2; 'env' 'LC_ALL=C' 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' 'sh' '-c' ${shellLine([script])} || printf '\\n%s never ran %d\\n' 'M' "$?"; printf '\\n%s\\n' 'M' >&2`,
    );
  });

  it.each([
    [0, "ran", 0],
    [3, "", 1],
    // systemd knows no such unit, or does not answer.
    [4, "ran", 0],
    [124, "ran", 0],
  ])("runs a client if systemd reports its unit with %i, and has its output %j", (code, stdout, exitCode) => {
    const folder = mkdtempSync(join(tmpdir(), "systemctl-"));
    writeFileSync(join(folder, "systemctl"), `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 });
    const line = shellScript([{ ...read(["printf", "ran"]), onlyIfActive: "x.service" }], "root", mark);
    const own = line.replace("PATH=", `PATH=${folder}:`);
    const ran = spawnSync("/bin/sh", ["-c", own], { encoding: "utf8" });
    expect(outputsOf(ran.stdout, ran.stderr, mark, 1)).toEqual([{ stdout, stderr: "", exitCode }]);
  });

  it("carries any arguments to the program as they are", () => {
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 5 }), (args) => {
        const { outputs } = through([read(["printf", "%s\\0", "-", ...args])]);
        expect(outputs).toEqual([{ stdout: `${["-", ...args].join("\0")}\0`, stderr: "", exitCode: 0 }]);
      }),
      { numRuns: runsOf(150) },
    );
  });

  it("returns the outputs of several programs, separate and unchanged", () => {
    const said = fc.record({ stdout: argument, stderr: argument, exitCode: fc.integer({ min: 0, max: 123 }) });
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 4 }), (all) => {
        const commands = all.map(({ stdout, stderr, exitCode }) =>
          read(["sh", "-c", 'printf %s "$1"; printf %s "$2" >&2; exit "$3"', "sh", stdout, stderr, String(exitCode)]),
        );
        expect(through(commands).outputs).toEqual(all);
      }),
      { numRuns: runsOf(60) },
    );
  });

  it("is not misled by programs that print marks, even with exit codes, in the middle of a line", () => {
    const lookAlike = `x${mark} 0\n${mark}\n${mark} 0 x\n  ${mark} 0`;
    const both = [read(["printf", "%s", lookAlike]), script("echo two; exit 3")];
    expect(through(both).outputs).toEqual([
      { stdout: lookAlike, stderr: "", exitCode: 0 },
      { stdout: "two\n", stderr: "", exitCode: 3 },
    ]);
  });

  it.runIf(process.platform === "linux")(
    "shows its marks to a program that lists processes, which misleads nobody",
    () => {
      const { outputs } = through([
        script("tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' ' ' < /proc/$(cut -d' ' -f4 /proc/$PPID/stat)/cmdline"),
        script("echo two"),
      ]);
      expect(outputs[0]?.stdout).toContain(mark);
      expect(outputs[1]).toEqual({ stdout: "two\n", stderr: "", exitCode: 0 });
    },
  );

  it("ends a program that takes too long, and continues with the next", () => {
    const { outputs } = through([read(["sleep", "60"], { timeoutMs: 900 }), script("echo two")]);
    // It did not sleep for its minute, for then it would have ended with 0.
    expect(outputs).toMatchObject([{ exitCode: 124 }, { stdout: "two\n", exitCode: 0 }]);
  });

  it("never asks for no limit", () => {
    expect(argvWithTimeout(read(["true"], { timeoutMs: 0 }))).toContain("1");
  });

  it("runs all through one sudo for all users except root", () => {
    const line = shellScript([change(["vgs"]), change(["pvs"])], "admin", mark);
    expect(line.match(/'sudo' '-n' 'env'/g)).toHaveLength(1);
    expect(shellScript([change(["vgs"])], "root", mark)).not.toContain("sudo");
  });

  it("omits sudo's own messages if it lets the commands run", () => {
    const commands = [script("echo one; echo warning >&2"), script("echo two; exit 3")];
    const line = shellScript(commands, "admin", mark).replace(
      "'sudo' '-n'",
      "sh -c 'echo sudo: unable to resolve host h1: Name or service not known >&2; exec \"$@\"' sudo",
    );
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", line], { encoding: "utf8" });
    expect(stderr).toContain("unable to resolve");
    expect(outputsOf(stdout, stderr, mark, 2)).toEqual([
      { stdout: "one\n", stderr: "warning\n", exitCode: 0 },
      { stdout: "two\n", stderr: "", exitCode: 3 },
    ]);
  });

  it("has sudo's message for each command if sudo ran nothing", () => {
    const line = shellScript([script("echo one"), script("echo two")], "admin", mark).replace(
      "'sudo'",
      "sh -c 'echo sudo: no >&2; exit 1'",
    );
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", line], { encoding: "utf8" });
    const refused = { stdout: "", stderr: "sudo: no\n", exitCode: 1 };
    expect(outputsOf(stdout, stderr, mark, 2)).toEqual([refused, refused]);
  });

  it("does not know of a command during which its shell was ended", () => {
    const { outputs } = through([script("echo one"), script("kill -KILL $(cut -d' ' -f4 /proc/$PPID/stat)")]);
    expect(outputs).toEqual([{ stdout: "one\n", stderr: "", exitCode: 0 }, null]);
  });

  it("reports a program that does not exist with the code that shells give", () => {
    expect(through([read(["no-such-program"])]).outputs).toMatchObject([{ exitCode: 127 }]);
  });
});

describe("what comes back cut", () => {
  const commands = [script("echo one; echo warning >&2"), script("echo two; exit 3"), script("echo three")];
  const { stdout, stderr } = through(commands);
  const whole = outputsOf(stdout, stderr, mark, 3);

  it("has the complete outputs, and null for the others, at any cut", () => {
    const seen = new Set<number>();
    for (let length = 0; length <= stdout.length; length++) {
      const outputs = outputsOf(stdout.slice(0, length), stderr, mark, 3);
      const ended = outputs.filter((output) => output !== null).length;
      expect(outputs).toEqual(whole.map((output, index) => (index < ended ? output : null)));
      seen.add(ended);
    }
    expect([...seen]).toEqual([0, 1, 2, 3]);
  });

  it("is null if standard error was cut, too", () => {
    // The last of its marks is the shell's own, behind that of the third command.
    const cut = stderr.slice(0, -(`\n${mark}\n`.length + 2));
    expect(outputsOf(stdout, cut, mark, 3)).toEqual([whole[0], whole[1], null]);
  });

  it("skips what start-up files of the login shell print, with or without a newline", () => {
    for (const greeting of ["Welcome!\n", "Welcome!", `${mark} Welcome!\n`]) {
      expect(outputsOf(greeting + stdout, greeting + stderr, mark, 3)).toEqual(whole);
    }
  });
});
