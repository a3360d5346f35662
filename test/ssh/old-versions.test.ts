import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listBlockDevices } from "../../src/host/lsblk.ts";
import { listSignatures } from "../../src/host/wipefs.ts";
import { identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { change, read } from "./commands.ts";
import { newKey, ShellServer } from "./shell-server.ts";

const caseFile = new URL("../host/cases/listBlockDevices/older-maps-and-half-wwn.json", import.meta.url);
const recorded = JSON.parse(readFileSync(caseFile, "utf8"));
const oldLsblk = `case "$*" in *-J*) echo "lsblk: invalid option -- 'J'" >&2; exit 1;; esac; cat <<'END'\n${recorded.output.stdout}END\n`;
const newLsblk = `case "$*" in *-J*) echo '{"blockdevices": []}';; *) exit 1;; esac\n`;
const botKey = newKey();
let hosts: SshHosts;
let server: ShellServer;
let programs: string;

beforeEach(async () => {
  server = await ShellServer.start(botKey);
  hosts = openSshHosts({ identity: identityOf(botKey.private) });
  programs = mkdtempSync(join(tmpdir(), "programs-"));
  server.programs = programs;
  install("lsblk", oldLsblk);
});
afterEach(async () => {
  await hosts.close();
  await server.stop();
  rmSync(programs, { recursive: true });
});

function install(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}`);
  chmodSync(join(programs, name), 0o755);
}

describe("a host with an lsblk without JSON", () => {
  const look = { devices: listBlockDevices, name: read(["uname", "-n"]) };

  it("answers: the fallback runs once more, alone, and from then on at once", async () => {
    const answer = { devices: { kind: "done", value: recorded.expected }, name: { kind: "done" } };
    expect(await hosts.gather(server.host, look)).toMatchObject(answer);
    expect(server.lines.map(asks)).toEqual([["-J", "uname"], ["-P"]]);
    expect(await hosts.gather(server.host, look)).toMatchObject(answer);
    expect(server.lines.map(asks)).toEqual([["-J", "uname"], ["-P"], ["-P", "uname"]]);
  });

  it("is understood by a guard that replaces the parser", async () => {
    const guard = {
      ...listBlockDevices,
      parse: (output: Parameters<typeof listBlockDevices.parse>[0]) =>
        listBlockDevices.parse(output).map((device) => device.name),
    };
    expect(await hosts.run(server.host, guard)).toMatchObject({ kind: "done", value: ["sdo", "sdd", "sds"] });
    expect(await hosts.run(server.host, guard)).toMatchObject({ kind: "done", value: ["sdo", "sdd", "sds"] });
    expect(server.lines.map(asks)).toEqual([["-J"], ["-P"], ["-P"]]);
  });

  it("may have a new wipefs: each program is remembered for itself", async () => {
    await hosts.gather(server.host, look);
    install("wipefs", `case "$*" in *--json*) echo '{"signatures": []}';; *) exit 1;; esac\n`);
    expect(await hosts.run(server.host, listSignatures("/dev/sdo"))).toMatchObject({ kind: "done", value: [] });
  });

  it("is tried again on the next connection, because it may have been upgraded", async () => {
    await hosts.gather(server.host, look);
    install("lsblk", newLsblk);
    server.cutConnections();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await hosts.gather(server.host, look)).toMatchObject({ devices: { kind: "done", value: [] } });
    expect(server.lines.map(asks)).toEqual([["-J", "uname"], ["-P"], ["-J", "uname"]]);
  });
});

describe("what is not asked again", () => {
  it("is a read that failed for another reason, or knows the option but complains", async () => {
    install("lsblk", `echo "lsblk: unknown column: HCTL" >&2; exit 1\n`);
    expect(await hosts.run(server.host, listBlockDevices)).toMatchObject({ kind: "failed" });
    install("lsblk", `echo '{"blockdevices": []}'; echo "lsblk: sda: unknown option in fstab" >&2\n`);
    expect(await hosts.run(server.host, listBlockDevices)).toMatchObject({ kind: "done" });
    expect(server.lines.map(asks)).toEqual([["-J"], ["-J"]]);
  });

  it("is the fallback itself", async () => {
    install("lsblk", `echo "lsblk: invalid option -- 'b'" >&2; exit 1\n`);
    expect(await hosts.run(server.host, listBlockDevices)).toMatchObject({ kind: "failed", exitCode: 1 });
    expect(server.lines.map(asks)).toEqual([["-J"], ["-P"]]);
  });

  it("is a change", async () => {
    install("wipefs", `echo "wipefs: unrecognized option '--backup'" >&2; exit 1\n`);
    expect(await hosts.run(server.host, change(["wipefs", "--backup"]))).toMatchObject({ kind: "failed", exitCode: 1 });
    expect(server.lines).toHaveLength(1);
  });
});

const asks = (line: string): string[] => Array.from(line.matchAll(/'(-J|-P|uname)'/g), ([, word = ""]) => word);
