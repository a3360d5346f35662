import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts } from "../../src/ssh/sessions.ts";
import { change, read, script } from "./commands.ts";
import { botKey, givenServer, hosts, log, server } from "./given-server.ts";
import { cut, fingerprint, hostAt, newKey, ShellServer } from "./shell-server.ts";

const publicLine = botKey.public.split(" ").slice(0, 2).join(" ");

givenServer();

describe("a host that can't be reached", () => {
  const reading = read(["true"]);

  it("spoils every read with the reason, and certainly runs no change", async () => {
    await server.stop();
    const reason = `connecting 127.0.0.1:${server.host.port}: refused: no SSH server listens there`;
    const gathered = await hosts.gather(server.host, { one: reading, two: reading });
    expect(gathered).toEqual({ one: { kind: "unknown", reason }, two: { kind: "unknown", reason } });
    expect(await hosts.run(server.host, reading)).toEqual({ kind: "unknown", reason });
    expect(await hosts.run(server.host, change(["true"]))).toEqual({
      kind: "refused",
      reason: `${reason}; nothing was run`,
    });
  });

  it("says which key to add where when the login is refused", async () => {
    const other = openSshHosts({ identity: identityOf(newKey().private) });
    const outcome = await other.run(server.host, reading);
    expect(outcome).toMatchObject({ kind: "unknown", reason: expect.stringContaining("login as root refused.") });
    expect(outcome).not.toMatchObject({ reason: expect.stringContaining(publicLine) });
    await other.close();
    const otherServer = await ShellServer.start(newKey());
    expect(await hosts.run(otherServer.host, reading)).toEqual({
      kind: "unknown",
      reason: `connecting 127.0.0.1:${otherServer.host.port}: login as root refused. Add the bot's public key to ~root/.ssh/authorized_keys on the host: ${publicLine}`,
    });
    await otherServer.stop();
  });

  it("warns of another host key with both fingerprints and does not log in", async () => {
    const trusted = newKey();
    const host = { ...server.host, hostKeySha256: fingerprint(trusted) };
    const outcome = await hosts.run(host, change(["true"]));
    expect(outcome).toMatchObject({ kind: "refused" });
    const reason = outcome.kind === "refused" ? outcome.reason : "";
    expect(reason).toContain(
      `sharedblock-host1 shows the key ${server.host.hostKeySha256}, but the bot trusts ${fingerprint(trusted)}`,
    );
    expect(reason).toContain("Nothing was sent to it; nothing was run");
    expect(server.logins).toBe(0);
  });

  it("shows the fingerprint of its key without logging in", async () => {
    const { address, port, hostKeySha256 } = server.host;
    const asked = { address, port, user: null };
    expect(hostKeySha256).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    const value = { sha256: hostKeySha256, port, user: "root", way: null, certificate: null };
    expect(await hosts.presentedBy(asked)).toEqual({ kind: "done", exitCode: null, value });
    expect(server.logins).toBe(0);
    await server.stop();
    expect(await hosts.presentedBy(asked)).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining("refused"),
    });
  });

  it("fails when it accepts the connection and is silent, for all who wait at the same time", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const hasty = openSshHosts({ identity: identityOf(botKey.private), connectTimeoutMs: 500 });
    const reason = `connecting 127.0.0.1:${port}: timed out after 0.5 s`;
    const host = hostAt(port, newKey());
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => hasty.run(host, reading)));
    expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ kind: "unknown", reason })));
    expect(await hasty.presentedBy({ address: "127.0.0.1", port, user: null })).toEqual({ kind: "unknown", reason });
    await hasty.close();
    silent.close();
  });

  it("fails when it closes at once, or speaks another protocol", async () => {
    for (const greeting of ["", "HTTP/1.1 400 Bad Request\r\n\r\n"]) {
      const other = createServer((socket) => void socket.on("error", () => {}).end(greeting));
      other.listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      expect(await hosts.run(hostAt(port, newKey()), reading)).toMatchObject({
        kind: "unknown",
        reason: expect.stringMatching(/^connecting 127\.0\.0\.1:\d+: the host closed the connection before/),
      });
      other.close();
    }
  });

  it.each([
    ["one byte after another", "S", 20],
    ["one line of greeting after another", "welcome\r\n", 1],
    ["a greeting without end, as fast as it can", "welcome\r\n".repeat(10_000), 0],
    ["a line without end, as fast as it can", "x".repeat(100_000), 0],
  ])("fails in time when it sends %s and never its version", async (_, text, pauseMs) => {
    const loris = createServer((socket) => {
      socket.on("error", () => undefined);
      const drip = () => {
        if (socket.destroyed) return;
        socket.write(text, () => setTimeout(drip, pauseMs));
      };
      drip();
    });
    loris.listen(0, "127.0.0.1");
    await once(loris, "listening");
    const { port } = loris.address() as AddressInfo;
    const host = { ...server.host, port };
    const impatient = openSshHosts({ identity: identityOf(botKey.private), connectTimeoutMs: 1_000 });
    const [outcome, key] = await Promise.all([
      impatient.run(host, reading),
      impatient.presentedBy({ address: "127.0.0.1", port, user: null }),
    ]);
    expect(outcome).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining(`connecting 127.0.0.1:${port}: `),
    });
    expect(key).toMatchObject({ kind: "unknown", reason: expect.stringContaining(`connecting 127.0.0.1:${port}: `) });
    await impatient.close();
    await new Promise((resolve) => loris.close(resolve));
  });

  it("with an unknown name is named", async () => {
    const host = { ...server.host, address: "no-such-host.invalid" };
    expect(await hosts.run(host, reading)).toMatchObject({ reason: expect.stringContaining("no-such-host.invalid:") });
  });
});

describe("a connection that is lost", () => {
  it("leaves unknown what ran, keeps what had ended, and is made again for the next", async () => {
    const began = join(mkdtempSync(join(tmpdir(), "zstack-lost-")), "began");
    const second = script(`echo two; touch ${began}; sleep 30`, { timeoutMs: 60_000 });
    const gathering = hosts.gather(server.host, { first: script("echo one"), second });
    await until(() => existsSync(began));
    // Earlier output is still in this process.
    await new Promise((resolve) => setTimeout(resolve, 300));
    server.cutConnections();
    expect(await gathering).toEqual({
      first: { kind: "done", exitCode: 0, value: { stdout: "one\n", stderr: "", exitCode: 0 } },
      second: { kind: "unknown", reason: "no result of sh: the connection was lost" },
    });
    expect(await hosts.run(server.host, read(["true"]))).toMatchObject({ kind: "done" });
    expect(server.logins).toBe(2);
  });

  it("never makes a change run twice", async () => {
    for (const answer of [cutBeforeAnything, cutAfterTheStart]) {
      server.answer = answer;
      server.lines.length = 0;
      const outcome = await hosts.run(server.host, change(["vgcreate"]));
      expect(outcome).toMatchObject({ kind: "unknown", reason: expect.stringContaining("vgcreate") });
      expect(server.lines).toHaveLength(1);
    }
  });

  it("is noticed at the next use, for reads and for changes that can't have been sent", async () => {
    await hosts.run(server.host, read(["true"]));
    server.cutConnections();
    expect(await hosts.run(server.host, read(["echo", "hello"]))).toMatchObject({ kind: "done" });
    log.length = 0;
    server.cutConnections();
    await until(() => log.some((message) => message.endsWith(" ended")));
    expect(await hosts.run(server.host, change(["echo", "hello"]))).toMatchObject({ kind: "done" });
    // A host that opens no more channels on the old connection.
    server.refuseChannels = 1;
    expect(await hosts.run(server.host, change(["echo", "hello"]))).toMatchObject({ kind: "done" });
    expect(server.lines.filter((line) => line.includes("hello"))).toHaveLength(3);
  });

  it("certainly ran no change if no channel can be opened", async () => {
    server.refuseChannels = 99;
    expect(await hosts.run(server.host, change(["vgcreate"]))).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("nothing was run"),
    });
    expect(server.lines).toEqual([]);
  });

  it("ends what runs when the bot stops", async () => {
    const running = hosts.run(server.host, change(["sleep", "20"], { timeoutMs: 30_000 }));
    await until(() => server.lines.length === 1);
    await hosts.close();
    expect(await running).toMatchObject({ kind: "unknown" });
    expect(await hosts.run(server.host, change(["true"]))).toMatchObject({ kind: "refused" });
  });
});

describe("a host that takes a command and answers nothing", () => {
  it("fails after the commands' time and a margin; others on its connection continue", async () => {
    const long = hosts.run(server.host, change(["sh", "-c", "sleep 13; echo done"], { timeoutMs: 20_000 }));
    await until(() => server.lines.length === 1);
    server.answer = () => {};
    expect(await hosts.gather(server.host, { one: read(["true"], { timeoutMs: 1_000 }) })).toEqual({
      one: { kind: "unknown", reason: "no result of true: no more output within 11 s" },
    });
    server.answer = null;
    expect(await hosts.run(server.host, read(["true"]))).toMatchObject({ kind: "done" });
    expect(server.logins).toBe(2);
    expect(await long).toMatchObject({ kind: "done", value: { stdout: "done\n" } });
  });
});

const cutBeforeAnything: ShellServer["answer"] = (_channel, connection) => cut(connection);
const cutAfterTheStart: ShellServer["answer"] = (channel, connection) => {
  channel.write("some output\n");
  setTimeout(() => cut(connection), 50);
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
