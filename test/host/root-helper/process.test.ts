import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listPathsInMemory } from "../../../src/host/multipathd.ts";
import { rootHelper } from "../../../src/host/root-helper/program.ts";
import { helperRequest } from "../../../src/ssh/helper-request.ts";
import { change, read } from "../../ssh/commands.ts";
import { HelperProcess } from "./helper-process.ts";

const version = "# zstack-chatops-run ";
const mark = `--${randomUUID()}--`;
const scan = { ...change(["tee", "--", "/sys/class/scsi_host/host0/scan"]), stdin: "- - -\n" };

describe("the root helper as a process", () => {
  it("says its version without commands, and runs nothing", () => {
    const helper = new HelperProcess({ timeout: "echo ran" });
    const shown = { stdout: `zstack-chatops-run ${rootHelper().version}\n`, stderr: "", status: 0 };
    expect(helper.given(helperRequest([], mark))).toEqual(shown);
    expect(rootHelper().text).toContain(`\n${version}${rootHelper().version}\n`);
  });

  it("runs commands in order, each with its own output and exit code", () => {
    const helper = new HelperProcess({
      multipath: "printf 'no newline'; echo oops >&2; exit 3",
      uname: "echo host-1",
      lsscsi: "kill -KILL $$",
    });
    const commands = [read(["multipath", "-ll"]), read(["uname", "-n"]), read(["lsscsi", "-s"]), read(["id"])];
    expect(helper.outputs(commands)).toEqual([
      { stdout: "no newline", stderr: "oops\n", exitCode: 3 },
      { stdout: "host-1\n", stderr: "", exitCode: 0 },
      { stdout: "", stderr: "", exitCode: 137 },
      { stdout: "", stderr: "zstack-chatops-run: not in its list: id\n", exitCode: 126 },
    ]);
  });

  it("ends a program at its time limit, also one that ignores it", () => {
    const helper = new HelperProcess({ multipath: "sleep 60" });
    expect(helper.outputs([read(["multipath", "-ll"], { timeoutMs: 1_000 }), read(["uname", "-n"])])).toMatchObject([
      { exitCode: 124 },
      { exitCode: 0 },
    ]);
    const shown = new HelperProcess({ timeout: 'echo "$@"' });
    expect(shown.outputs([read(["multipath", "-ll"], { timeoutMs: 20_000 })])).toMatchObject([
      { stdout: "--kill-after=5 20 multipath -ll\n" },
    ]);
  });

  it("gives programs a fixed environment, and no terminal", () => {
    const helper = new HelperProcess({ uname: "env; pwd; cat" });
    const [output] = helper.outputs([read(["uname", "-n"])], {
      ...{ LD_PRELOAD: "", PERL5LIB: helper.folder, PERL5OPT: "-Mevil", BASH_ENV: "/tmp/x", LVM_SYSTEM_DIR: "/tmp" },
      ...{ IFS: "x", LANG: "de_DE.UTF-8", SUDO_USER: "zstack" },
    });
    const names = output?.stdout
      .match(/^[A-Z0-9_]+(?==)/gm)
      ?.filter((name) => !["PWD", "_", "OLDPWD", "SHLVL"].includes(name));
    expect(names?.sort()).toEqual(["HOME", "LC_ALL", "PATH"]);
    expect(output?.stdout).toContain("LC_ALL=C\n");
    expect(output?.stdout.endsWith("\n/\n")).toBe(true);
  });

  it.each([
    [0, "ran", 0],
    [3, "", 1],
    [4, "ran", 0],
  ])("runs a client if systemd reports its unit with %i", (code, stdout, exitCode) => {
    const helper = new HelperProcess({ systemctl: `exit ${code}`, multipathd: "printf ran" });
    expect(helper.outputs([listPathsInMemory])).toEqual([{ stdout, stderr: "", exitCode }]);
    expect(helper.outputs([{ ...listPathsInMemory, onlyIfActive: "evil.service" }])).toMatchObject([{ exitCode: 126 }]);
  });

  it("gives a program its standard input completely, and ends if the program does not read it", () => {
    const secret = "x".repeat(500);
    const long = "# line\n".repeat(60_000);
    const helper = new HelperProcess({ tee: "cat", mv: "exit 0" }, { "/etc/hosts": "# line\n" });
    const write = { ...change(["tee", "--", "/etc/hosts.zstack-chatops"]), stdin: long };
    expect(helper.outputs([write])).toEqual([{ stdout: long, stderr: "", exitCode: 0 }]);
    const unread = new HelperProcess({ tee: "exit 7" }, { "/etc/hosts": "# line\n" });
    expect(unread.outputs([write])).toEqual([{ stdout: "", stderr: "", exitCode: 7 }]);
    expect(helper.given(helperRequest([scan], mark)).stdout).not.toContain(secret);
  });

  it("runs nothing of a request that is cut off, at any byte", () => {
    const helper = new HelperProcess({ tee: 'touch "$0.ran"', uname: 'touch "$0.ran"' });
    const request = helperRequest([scan], mark);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: request.length - 1 }), (length) => {
        const { stdout, status, stderr } = helper.given(request.slice(0, length));
        expect([stdout, status]).toEqual(["", 126]);
        expect(stderr).toMatch(/^zstack-chatops-run: /);
      }),
      { numRuns: 40 },
    );
    expect(existsSync(join(helper.folder, "bin/tee.ran"))).toBe(false);
    helper.given(request);
    expect(existsSync(join(helper.folder, "bin/tee.ran"))).toBe(true);
  });

  it.each([
    ["another form", (request: string) => request.replace("\0" + "1\0", "\0" + "2\0")],
    ["text after its end", (request: string) => `${request}x`],
    ["a mark of another shape", (request: string) => request.replace(mark, "--x--\n")],
    ["no time limit", (request: string) => request.replace("\0" + "5\0", "\0" + "0\0")],
    ["a negative number of words", (request: string) => request.replace("\0" + "3\0", "\0-3\0")],
    ["anything else", () => "wipefs --all -- /dev/sda\n"],
    ["nothing", () => ""],
  ])("runs nothing of a request with %s", (_what, changed) => {
    const helper = new HelperProcess({ tee: 'touch "$0.ran"' });
    const request = helperRequest([scan], mark);
    const other = changed(request);
    expect(other).not.toBe(request);
    expect(helper.given(other)).toMatchObject({ stdout: "", status: 126 });
    expect(existsSync(join(helper.folder, "bin/tee.ran"))).toBe(false);
  });

  it("takes no program of the login user's folders", () => {
    const helper = new HelperProcess({});
    const own = join(helper.folder, "uname");
    writeFileSync(own, "#!/bin/sh\necho evil\n", { mode: 0o755 });
    const [output] = helper.outputs([read(["uname", "-n"])], { PATH: `${helper.folder}:${process.env.PATH}` });
    expect(output?.stdout).not.toContain("evil");
  });
});
