import { describe, expect, it } from "vitest";
import { done, type Outcome, refused, unknown } from "../../src/core/outcome.ts";
import { listBlockDevices } from "../../src/host/lsblk.ts";
import { listVolumeGroups } from "../../src/host/lvm.ts";
import { readLvmSettings } from "../../src/host/lvm-settings.ts";
import { listMultipathMaps } from "../../src/host/multipath.ts";
import { isBusy } from "../../src/host/multipathd.ts";
import { problemFixes, problemOf } from "../../src/host/problem.ts";
import { backUpSignatures } from "../../src/host/wipefs.ts";

const failed = (exitCode: number, stderr: string): Outcome => ({ kind: "failed", exitCode, stderr });

describe("why a read did not answer", () => {
  it("is empty if it did", () => expect(problemOf(listMultipathMaps, done([]))).toBeNull());

  it("names the package of a missing tool in both families", () => {
    const said =
      "multipath is not installed; package device-mapper-multipath (RHEL family) or multipath-tools (Debian family)";
    const byTimeout = "timeout: failed to run command ‘multipath’: No such file or directory\n";
    expect(problemOf(listMultipathMaps, failed(127, byTimeout))).toBe(said);
    expect(problemOf(listMultipathMaps, failed(127, "sh: multipath: command not found\n"))).toBe(said);
    expect(problemOf(listMultipathMaps, failed(1, "sudo: multipath: command not found\n"))).toBe(said);
    expect(problemOf(listMultipathMaps, failed(127, ""))).toBe(said);
  });

  it("names one package if it has the same name in both families", () => {
    expect(problemOf(listVolumeGroups, failed(127, ""))).toBe("vgs is not installed; package lvm2");
  });

  it("covers each program of a package", () => {
    expect(problemOf(readLvmSettings, failed(127, ""))).toBe("lvmconfig is not installed; package lvm2");
  });

  it("reports every line of its settings that multipath rejects", () => {
    // As a host of the lab printed it.
    const stderr = `206.620546 | /etc/multipath.conf line 2, parsing failed: \tdevnode "sd[a"
206.623520 | /etc/multipath.conf line 6, invalid value for find_multipaths: "perhaps"
206.623959 | error parsing config file
`;
    const problem = problemOf(listMultipathMaps, failed(1, stderr));
    expect(problemFixes(problem ?? "", "host1")).toEqual([
      "correct these settings on host1, then send the command again",
    ]);
    expect(problem).toBe(
      'multipath rejects its settings: /etc/multipath.conf line 2, parsing failed: devnode "sd[a"; /etc/multipath.conf line 6, invalid value for find_multipaths: "perhaps"',
    );
  });

  it("names the program behind env", () => {
    const command = backUpSignatures("/dev/disk/by-id/x", "/root/b");
    const stderr = "env: ‘wipefs’: No such file or directory\n";
    expect(problemOf(command, failed(127, stderr))).toBe("wipefs is not installed; package util-linux");
  });

  it("is removed by host prepare only if that installs the package", () => {
    const fixes = (problem: string | null) => problemFixes(problem ?? "", "host1");
    expect(fixes(problemOf(listVolumeGroups, failed(127, "")))).toEqual([{ run: "host prepare host1 install=true" }]);
    expect(fixes(problemOf(listBlockDevices, failed(127, "")))).toEqual([
      "install package util-linux on host1, then send the command again",
    ]);
    expect(fixes(problemOf(listVolumeGroups, failed(5, "I/O error")))).toEqual([]);
  });

  it("does not confuse a missing file with a missing tool", () => {
    const stderr = "  /dev/mapper/control: open failed: No such file or directory\n";
    expect(problemOf(listMultipathMaps, failed(1, stderr))).toBe(
      "multipath: exit code 1: /dev/mapper/control: open failed: No such file or directory",
    );
  });

  it("reports that a tool is too old for an option", () => {
    const stderr = "lsblk: invalid option -- 'J'\n\nUsage:\n lsblk [options] [<device> ...]\n";
    expect(problemOf(listBlockDevices, failed(1, stderr))).toBe(
      "lsblk: exit code 1: lsblk: invalid option -- 'J' (this host's lsblk is too old)",
    );
  });

  it("contains the reason of a lost connection and of a refusal", () => {
    expect(problemOf(listMultipathMaps, unknown("the connection was cut"))).toBe("the connection was cut");
    expect(problemOf(listMultipathMaps, refused("the host key changed"))).toBe("the host key changed");
  });
});

describe("a busy multipathd", () => {
  it("is recognised by its client's message in any version, also quoted by a parser", () => {
    const said = ["timeout", "timeout receiving packet", "error receiving packet", "error 104 receiving packet"];
    for (const each of [...said, "cannot send packet"]) {
      expect(isBusy(each), each).toBe(true);
      expect(isBusy(`multipathd printed ${JSON.stringify(`${each}\n`)} where ok was expected`), each).toBe(true);
    }
    expect(isBusy("fail")).toBe(false);
    expect(isBusy("the timeout of the path checker")).toBe(false);
  });
});
