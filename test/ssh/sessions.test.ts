import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { OutputNotUnderstood } from "../../src/core/host-command.ts";
import { lockInfo } from "../../src/host/lockspace.ts";
import { openSshHosts } from "../../src/ssh/sessions.ts";
import { read, script } from "./commands.ts";
import { botKey, givenServer, hosts, server } from "./given-server.ts";

givenServer();

describe("gathering from a host", () => {
  it("makes all reads in one round trip, each with its own outcome", async () => {
    const gathered = await hosts.gather(server.host, {
      fine: script("echo out; echo warning >&2"),
      known: script("printf 'no newline'; exit 5", { exitCodes: [0, 5] }),
      failing: script("echo 'no such device' >&2; exit 5"),
      missing: read(["lsscsi-of-another-world", "-s"]),
      slow: read(["sleep", "30"], { timeoutMs: 1_000 }),
      garbled: {
        ...script("echo '?'"),
        parse: () => {
          throw new OutputNotUnderstood("multipath", "?", "a map");
        },
      },
      last: script("echo last"),
    });
    expect(gathered).toMatchObject({
      fine: { kind: "done", exitCode: 0, value: { stdout: "out\n", stderr: "warning\n", exitCode: 0 } },
      known: { kind: "done", exitCode: 5, value: { stdout: "no newline", stderr: "", exitCode: 5 } },
      failing: { kind: "failed", exitCode: 5, stderr: "no such device\n" },
      missing: { kind: "failed", exitCode: 127, stderr: expect.stringContaining("lsscsi-of-another-world") },
      slow: { kind: "unknown", reason: "sleep did not end within 1 s" },
      garbled: { kind: "unknown", reason: 'multipath printed "?" where a map was expected' },
      last: { kind: "done", value: { stdout: "last\n" } },
    });
    expect(server.lines).toHaveLength(1);
  });

  it("makes a read again, alone, whose trouble passes by itself", async () => {
    const onceBusy = (mark: string) => `[ -e ${mark} ] || { touch ${mark}; echo 'socket error -98'; exit 158; }`;
    const directory = mkdtempSync(join(tmpdir(), "zstack-passing-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const { passes } = lockInfo;
    const locks = (text: string) => ({ ...script(text), passes });
    const gathered = await hosts.gather(server.host, {
      first: script("echo first"),
      busy: locks(`${onceBusy(join(directory, "busy"))}; echo its turn`),
      failing: locks("exit 158"),
    });
    expect(gathered).toMatchObject({
      first: { value: { stdout: "first\n" } },
      busy: { kind: "done", value: { stdout: "its turn\n" } },
      failing: { kind: "failed", exitCode: 158 },
    });
    expect(server.lines.map((line) => line.includes("echo first"))).toEqual([true, false]);
    // Not for ever.
    const always = locks("echo 'socket error -98'; exit 158");
    expect(await hosts.run(server.host, always)).toMatchObject({ kind: "failed", stderr: "socket error -98\n" });
    // A change's trouble is looked at by who runs the plan, who writes down each time.
    const change = { ...locks(onceBusy(join(directory, "change"))), effect: "change" } as const;
    expect(await hosts.run(server.host, change)).toMatchObject({ kind: "failed", exitCode: 158 });
  });

  it("needs no host for no reads", async () => {
    expect(await hosts.gather(server.host, {})).toEqual({});
    expect(server.logins).toBe(0);
  });

  it("gives each read its own standard input", async () => {
    const reads = { a: read(["cat"], { stdin: "for a" }), b: read(["cat"], { stdin: "for b" }), c: read(["cat"]) };
    expect(await hosts.gather(server.host, reads)).toMatchObject({
      a: { value: { stdout: "for a" } },
      b: { value: { stdout: "for b" } },
      c: { value: { stdout: "" } },
    });
  });

  it("keeps one connection and shares it between those who ask at the same time", async () => {
    await Promise.all(Array.from({ length: 12 }, () => hosts.gather(server.host, { now: script("sleep 0.1") })));
    await hosts.gather(server.host, { now: read(["true"]) });
    expect(server.lines).toHaveLength(13);
    expect(server.logins).toBe(1);
    expect(server.busiest).toBe(4);
  });
});

describe("running a command on a host", () => {
  it("passes any text in both directions, through SSH, the shell and back", async () => {
    const text = fc.string({ unit: "binary", maxLength: 200 }).map((each) => each.replaceAll("\0", ""));
    await fc.assert(
      fc.asyncProperty(text, text, async (argument, stdin) => {
        const outcome = await hosts.run(
          server.host,
          read(["sh", "-c", 'printf %s "$1"; cat >&2', "sh", argument], { stdin }),
        );
        expect(outcome).toEqual({ kind: "done", exitCode: 0, value: { stdout: argument, stderr: stdin, exitCode: 0 } });
      }),
      { numRuns: 40 },
    );
  });

  it("brings megabytes back whole, with characters that lie across packets", async () => {
    const text = `${randomBytes(2_000_000).toString("base64")}ü✓`.repeat(2);
    const outcome = await hosts.run(server.host, read(["cat"], { stdin: text }));
    if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
    const digest = (each: string) => createHash("sha256").update(each).digest("hex");
    expect(digest(outcome.value.stdout)).toBe(digest(text));
  });

  it("cuts what never stops, and can use the host again", async () => {
    const outcome = await hosts.run(server.host, read(["yes", "x".repeat(1000)], { timeoutMs: 60_000 }));
    expect(outcome).toEqual({ kind: "unknown", reason: "the end of yes was not seen: it printed more than 64 MiB" });
    expect(await hosts.run(server.host, read(["true"]))).toMatchObject({ kind: "done" });
  });

  it("says why sudo refused, whatever exit codes the command knows", async () => {
    server.answer = (channel) => {
      const mark = server.lines[0]?.match(/--[0-9a-f-]{36}--/)?.[0];
      channel.write(`${mark}\n\n${mark} never ran 1\n`);
      channel.stderr.write(`${mark}\nsudo: a password is required\n\n${mark}\n`);
      channel.exit(0);
      channel.end();
    };
    const host = { ...server.host, user: "admin" };
    expect(await hosts.run(host, read(["wipefs"], { exitCodes: [0, 1] }))).toEqual({
      kind: "refused",
      reason:
        "sudo does not let admin run wipefs: sudo: a password is required; allow it with NOPASSWD in /etc/sudoers.d",
    });
  });

  it("says what a login shell that lets nobody in printed", async () => {
    server.answer = (channel) => {
      channel.write("This account is currently not available.\n");
      channel.exit(1);
      channel.end();
    };
    expect(await hosts.run(server.host, read(["vgs"]))).toEqual({
      kind: "unknown",
      reason:
        "the end of vgs was not seen: the login shell of root ended with exit code 1: This account is currently not available.",
    });
  });
});

describe("the private key", () => {
  it.each(["", "no key", "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n"])(
    "is refused where it is none, without being shown",
    (privateKey) => {
      expect(() => openSshHosts({ privateKey })).toThrow("the SSH private key can't be used: ");
      expect(() => openSshHosts({ privateKey })).not.toThrow("c2VjcmV0");
    },
  );
  it("is refused where it is the public one", () => {
    expect(() => openSshHosts({ privateKey: botKey.public })).toThrow("it is a public key");
  });
});
