import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CommandOutput, OutputNotUnderstood } from "../../src/core/host-command.ts";
import { lockInfo } from "../../src/host/lvmlockctl.ts";
import { identityOf } from "../../src/ssh/keys.ts";
import { runsOf } from "../scenario/rows.ts";
import { change, read, script } from "./commands.ts";
import { botKey, givenServer, hosts, server } from "./given-server.ts";

givenServer();

/**
 * Prints without end. It begins late: standard error with the mark of the command before it has no order with standard
 * output, and this computer may be busy.
 */
const endless = (text: string) => script(`sleep 2; exec ${text}`, { timeoutMs: 60_000 });

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

  it("runs a read with a transient failure again, alone", async () => {
    const onceBusy = (mark: string) => `[ -e ${mark} ] || { touch ${mark}; echo 'socket error -98'; exit 158; }`;
    const directory = mkdtempSync(join(tmpdir(), "zstack-passing-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const { isTransient } = lockInfo;
    const locks = (text: string) => ({ ...script(text), isTransient });
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
    // Not permanently.
    const always = locks("echo 'socket error -98'; exit 158");
    expect(await hosts.run(server.host, always)).toMatchObject({ kind: "failed", stderr: "socket error -98\n" });
    // The runner of the plan handles a change's failure, and records each run.
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
        const value = { stdout: argument, stderr: stdin, exitCode: 0 };
        expect(outcome).toMatchObject({ kind: "done", exitCode: 0, value });
      }),
      { numRuns: runsOf(40) },
    );
  });

  it("brings megabytes back whole, with characters that lie across packets", async () => {
    const text = `${randomBytes(2_000_000).toString("base64")}ü✓`.repeat(2);
    const outcome = await hosts.run(
      server.host,
      read(["cat"], { stdin: text, limits: { bytes: 8_000_000, lines: 10, depth: 0 } }),
    );
    if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
    const digest = (each: string) => createHash("sha256").update(each).digest("hex");
    expect(digest(outcome.value.stdout)).toBe(digest(text));
  });

  it("stops reading implausible output, and can use the host again", async () => {
    const reads = {
      before: read(["echo", "before"]),
      never: endless(`yes ${"x".repeat(1000)}`),
      after: read(["vgs"]),
    };
    expect(await hosts.gather(server.host, reads)).toEqual({
      before: { kind: "done", exitCode: 0, value: { stdout: "before\n", stderr: "", exitCode: 0 } },
      never: { kind: "unknown", reason: "implausible: sh printed more than 1 MiB" },
      after: {
        kind: "unknown",
        reason: "vgs was not read, because the output before it is implausible: sh printed more than 1 MiB",
      },
    });
    expect(await hosts.run(server.host, read(["true"]))).toMatchObject({ kind: "done" });
  });

  it("reads no more than the running command can plausibly print, independent of the others", async () => {
    const reads = {
      before: script("yes | head -c 3000000 | wc -c", { limits: { bytes: 50_000_000, lines: 10, depth: 0 } }),
      never: endless("yes"),
      after: script("true", { limits: { bytes: 50_000_000, lines: 10, depth: 0 } }),
    };
    expect(await hosts.gather(server.host, reads)).toMatchObject({
      before: { kind: "done" },
      never: { kind: "unknown", reason: "implausible: sh printed more than 1 MiB" },
      after: { kind: "unknown" },
    });
    // What the bot lets the host send is the window of the channel, 2 MiB, and what it has read: 1 MiB and a margin.
    await until(() => server.closed === 1);
    expect(server.sentBytes).toBeGreaterThan(1_000_000);
    expect(server.sentBytes).toBeLessThan(5_000_000);
  });

  it("reads no greeting without end of a login shell, on either stream", async () => {
    for (const stream of ["stdout", "stderr"] as const) {
      server.answer = (channel) => {
        channel.on("error", () => undefined);
        const target = stream === "stdout" ? channel : channel.stderr;
        const greet = () => {
          // The client closes the channel, at some time: what is written then has an error.
          const after = (error?: Error | null) => error ?? setImmediate(greet);
          if (!channel.destroyed) target.write("Welcome to this host\n".repeat(1_000), after);
        };
        greet();
      };
      const [first, second] = [read(["vgs"]), read(["pvs"])];
      expect(await hosts.gather(server.host, { first, second })).toEqual({
        first: { kind: "unknown", reason: "implausible: vgs printed more than 1 MiB" },
        second: {
          kind: "unknown",
          reason: "pvs was not read, because the output before it is implausible: vgs printed more than 1 MiB",
        },
      });
    }
    server.answer = null;
    expect(await hosts.run(server.host, read(["true"]))).toMatchObject({ kind: "done" });
  });

  it("names what printed more than its own limit, and takes what the others printed", async () => {
    const limits = { bytes: 1_000, lines: 5, depth: 0 };
    const reads = {
      long: script("printf '%1001d' 1", { limits }),
      noisy: script("printf '%1001d' 1 >&2", { limits }),
      lines: script("yes | head -n 6", { limits }),
      fine: script("yes | head -n 5", { limits }),
    };
    expect(await hosts.gather(server.host, reads)).toMatchObject({
      long: { kind: "unknown", reason: "implausible: sh printed more than 1 KiB" },
      noisy: { kind: "unknown", reason: "implausible: sh printed more than 1 KiB" },
      lines: { kind: "unknown", reason: "implausible: sh printed more than 5 lines" },
      fine: { kind: "done", value: { stdout: "y\ny\ny\ny\ny\n" } },
    });
  });

  it("says why sudo refused, for any exit codes of the command", async () => {
    server.answer = (channel) => {
      const mark = server.lines.at(-1)?.match(/--[0-9a-f-]{36}--/)?.[0];
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
        "no result of vgs: the login shell of root ended with exit code 1: This account is currently not available.",
    });
  });
});

describe("what several people ask at the same time", () => {
  const query = { urgency: "query", mayShare: true, withinMs: 20_000 } as const;

  it("is read once, and parsed once, for all who ask the same", async () => {
    let parsed = 0;
    const slow = {
      ...script("sleep 0.3; echo once"),
      parse: ({ stdout }: CommandOutput) => `${stdout.trim()} ${++parsed}`,
    };
    const answers = await Promise.all(
      Array.from({ length: 250 }, () => hosts.gather(server.host, { slow, other: read(["true"]) }, query)),
    );
    for (const { slow } of answers) expect(slow).toMatchObject({ kind: "done", value: "once 1" });
    expect(server.lines).toHaveLength(1);
    await hosts.gather(server.host, { slow, other: read(["true"]) }, query);
    expect(server.lines).toHaveLength(2);
  });

  it("is read for each who asks for an operation", async () => {
    const reads = { now: script("sleep 0.2") };
    await Promise.all([1, 2].map(() => hosts.gather(server.host, reads)));
    await Promise.all([hosts.gather(server.host, reads, query), hosts.gather(server.host, reads)]);
    expect(server.lines).toHaveLength(4);
  });

  it("is read again by who asks after a change began, or ended", async () => {
    const reads = { now: script("sleep 1; echo read") };
    const before = hosts.gather(server.host, reads, query);
    await until(() => server.lines.length === 1);
    const changing = hosts.run(server.host, change(["sleep", "0.2"]));
    const during = hosts.gather(server.host, reads, query);
    await changing;
    const after = hosts.gather(server.host, reads, query);
    await Promise.all([before, during, after]);
    expect(server.lines.filter((line) => line.includes("echo read"))).toHaveLength(3);
  });

  it("never keeps a step of an operation from its host", async () => {
    const queries = Array.from({ length: 50 }, (_, index) =>
      hosts.gather(server.host, { now: script(`sleep 1; echo ${index}`) }, query),
    );
    await until(() => server.lines.length === 3);
    expect(await hosts.run(server.host, change(["true"]))).toMatchObject({ kind: "done" });
    expect(server.lines.findIndex((line) => line.includes("'true'"))).toBe(3);
    await hosts.close();
    await Promise.all(queries);
  });
});

describe("a query's time", () => {
  it("is one for all: connecting, waiting, the commands together, asking again", async () => {
    server.answer = () => {};
    const reads = { one: read(["vgs"], { timeoutMs: 20_000 }), two: read(["pvs"], { timeoutMs: 20_000 }) };
    expect(await hosts.gather(server.host, reads, { urgency: "query", mayShare: true, withinMs: 1_000 })).toEqual({
      one: { kind: "unknown", reason: "no result of vgs: it did not answer within 1 s" },
      two: { kind: "unknown", reason: "no result of pvs: it did not answer within 1 s" },
    });
    const busy = { ...script("echo busy >&2; exit 1"), passes: () => true };
    server.answer = null;
    await hosts.gather(server.host, { busy }, { urgency: "query", mayShare: true, withinMs: 1 });
    expect(server.lines.length).toBeLessThanOrEqual(2);
  });

  it("leaves what was read until then", async () => {
    const reads = { one: script("echo one"), two: script("sleep 30"), three: read(["vgs"]) };
    expect(await hosts.gather(server.host, reads, { urgency: "query", mayShare: true, withinMs: 2_000 })).toMatchObject(
      {
        one: { kind: "done", value: { stdout: "one\n" } },
        two: { kind: "unknown" },
      },
    );
  });

  it("is who asks's own: one in a hurry takes nothing from others", async () => {
    const reads = { now: script("sleep 2; echo there") };
    const [hurried, patient] = await Promise.all([
      hosts.gather(server.host, reads, { urgency: "query", mayShare: true, withinMs: 500 }),
      hosts.gather(server.host, reads, { urgency: "query", mayShare: true, withinMs: 60_000 }),
    ]);
    expect(hurried).toMatchObject({ now: { kind: "unknown" } });
    expect(patient).toMatchObject({ now: { kind: "done", value: { stdout: "there\n" } } });
  });
});

describe("the private key", () => {
  it.each(["", "no key", "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n"])(
    "is refused if it is no key, and is not shown",
    (privateKey) => {
      expect(() => identityOf(privateKey)).toThrow("the SSH private key can't be used: ");
      expect(() => identityOf(privateKey)).not.toThrow("c2VjcmV0");
    },
  );
  it("is refused if it is the public one", () => {
    expect(() => identityOf(botKey.public)).toThrow("it is a public key");
  });
});

async function until(came: () => boolean): Promise<void> {
  while (!came()) await new Promise((resolve) => setTimeout(resolve, 10));
}
