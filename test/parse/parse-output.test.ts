import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { knownCommands, parseOutput } from "../../src/parse/parse-output.ts";
import { argumentsOf } from "../programs.ts";

const printed = (folder: string, name: string): string =>
  JSON.parse(readFileSync(new URL(`../host/cases/${folder}/${name}.json`, import.meta.url), "utf8")).output.stdout;

describe("what the bot makes of a host tool's output", () => {
  it("shows the health of maps and which paths work", () => {
    expect(parseOutput("multipath -ll", printed("listMultipathMaps", "field-paths-gone"))).toMatchObject({
      command: "multipath -ll",
      understood: true,
      value: [
        { alias: "mpathb", health: "healthy", paths: [{ working: true }, { working: true }] },
        { alias: null, health: "lost", paths: [{ working: false }, { working: false }] },
      ],
      notUnderstood: [],
    });
  });

  it("separates partition tables from file systems", () => {
    const ntfs = parseOutput("wipefs", printed("listSignatures", "field-ntfs-whole-disk"));
    expect(ntfs?.value).toMatchObject([{ type: "ntfs" }, { type: "dos", isPartitionTable: false }]);
    const aix = parseOutput("wipefs", printed("listSignatures", "field-aix"));
    expect(aix?.value).toMatchObject([{ type: "aix", isPartitionTable: true }]);
  });

  it("names a line that it does not understand, with all the rest", () => {
    const output = printed("listMultipathMaps", "unknown-name-keeps-its-paths");
    const parsed = parseOutput("multipath -ll", output);
    expect(parsed?.value).toMatchObject([{ alias: "mpatha" }]);
    expect(parsed?.notUnderstood).toMatchObject([{ line: "mpathb (36f011af000d5c3e70000166e5ab82173) DELL,MD32xx" }]);
  });

  it("says that it understands nothing of other text", () => {
    for (const name of knownCommands.filter((each) => !["wipefs", "ls -l /dev/disk/by-id"].includes(each))) {
      const parsed = parseOutput(name, "Welcome to host1\n");
      expect(parsed, name).toMatchObject({ understood: false, value: null });
      expect(parsed?.notUnderstood[0]?.why, name).toMatch(/printed/);
    }
  });

  it("knows a command with other options, in its folder and after sudo", () => {
    for (const words of ["sudo /usr/sbin/multipath -v2 -ll", "lsblk -J -b", "iscsiadm --mode=session --print=3"]) {
      expect(parseOutput(words, ""), words).not.toBeNull();
    }
    expect(parseOutput("rm -rf /", "")).toBeNull();
  });
});

describe("an output that no tool prints", () => {
  it("is implausible beyond what the bot takes of the tool, in bytes, lines and depth", () => {
    const whyOf = (command: string, output: string) => parseOutput(command, output)?.notUnderstood[0]?.why;
    expect(whyOf("multipath -ll", "x".repeat(9 * 1024 * 1024))).toContain("9 MiB, and at most 8 MiB are plausible");
    expect(whyOf("wipefs", "\n".repeat(30_000))).toContain("30000 lines, and at most 20000 are plausible");
    expect(whyOf("pvs", "[".repeat(100_000))).toContain("more is implausible");
  });

  it("is still reported as one object", () => {
    for (const name of knownCommands) {
      for (const output of [
        "",
        "\0\0",
        "\uFFFD\uFEFF",
        "{",
        "null",
        "[]",
        '{"report":[null]}',
        "NAME\n",
        "a b\r\nc d\r\n",
      ]) {
        expect(parseOutput(name, output), `${name}: ${JSON.stringify(output)}`).toMatchObject({ command: name });
      }
    }
  });
});

describe("npm run parse", () => {
  const run = (words: readonly string[], input: string) =>
    spawnSync(process.execPath, [...argumentsOf("parse"), ...words], { input, encoding: "utf8" });

  it("prints one object", () => {
    const { status, stdout } = run(["/etc/os-release"], printed("readOsRelease", "field-openeuler"));
    expect(JSON.parse(stdout)).toMatchObject({ understood: true, value: { id: "openEuler", family: "rhel" } });
    expect(status).toBe(0);
  });

  it("lists what it knows when it is given no command, and refuses one that it does not know", () => {
    expect(run([], "").stdout).toContain("multipath -ll");
    const { status, stdout, stderr } = run(["blkid"], "");
    expect(status).toBe(2);
    expect(stderr).toContain("multipath -ll");
    expect(JSON.parse(stdout)).toMatchObject({ command: "blkid", understood: false, value: null });
  });
});
