import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { change, read } from "./commands.ts";
import { KeyFolder } from "./openssh.ts";
import { type KeyPair, newKey, ShellServer } from "./shell-server.ts";

const botKey = newKey();
const [firstKey, secondKey] = [newKey(), newKey()];
const reading = read(["echo", "hello"]);

let folder: KeyFolder;
let [first, second, target]: ShellServer[] = [];
let hosts: SshHosts;
beforeEach(async () => {
  folder = await KeyFolder.make();
  [first, second, target] = await Promise.all([
    ShellServer.start(botKey, firstKey),
    ShellServer.start(botKey, secondKey),
    ShellServer.start(botKey),
  ]);
  for (const jump of [first, second]) if (jump) jump.forwarded = [];
});
afterEach(async () => {
  await hosts.close();
  await Promise.all([first, second, target].map((each) => each?.stop()));
  await folder.remove();
});

const portOf = (server: ShellServer | undefined): number => server?.host.port ?? 0;
const knownLine = (server: ShellServer | undefined, key: KeyPair, marker = ""): string =>
  `${marker}[127.0.0.1]:${portOf(server)} ${key.public.split(" ").slice(0, 2).join(" ")}`;

/** The host `far` is behind both jump hosts. */
async function connects(knownHosts: readonly string[], config?: string): Promise<SshHosts> {
  const text =
    config ??
    [
      ...["Host far", "  HostName 127.0.0.1", "  ProxyJump one,root@two"],
      ...["Host one two", "  HostName 127.0.0.1", "  User root"],
      ...["Host one", `  Port ${portOf(first)}`, "Host two", `  Port ${portOf(second)}`],
    ].join("\n");
  const files = {
    config: await folder.writes("config", `${text}\n`),
    knownHosts: await folder.writes("known_hosts", `${knownHosts.join("\n")}\n`),
  };
  hosts = openSshHosts({ identity: identityOf(botKey.private), files, connectTimeoutMs: 20_000 });
  return hosts;
}

const far = () => ({ ...(target as ShellServer).host, address: "far" });
const name = () => `127.0.0.1:${portOf(target)} through 127.0.0.1:${portOf(first)}, 127.0.0.1:${portOf(second)}`;

describe("a host behind two jump hosts", () => {
  const both = () => [knownLine(first, firstKey), knownLine(second, secondKey)];

  it("is reached through both, in their order", async () => {
    await connects(both());
    expect(await hosts.run(far(), reading)).toMatchObject({ kind: "done", value: { stdout: "hello\n" } });
    expect(first?.forwarded).toEqual([`127.0.0.1:${portOf(second)}`]);
    expect(second?.forwarded).toEqual([`127.0.0.1:${portOf(target)}`]);
    expect(target?.logins).toBe(1);
  });

  it("shows its key, and the way to it", async () => {
    await connects(both());
    const { port, hostKeySha256 } = far();
    expect(await hosts.presentedBy({ address: "far", port, user: null })).toMatchObject({
      kind: "done",
      value: { sha256: hostKeySha256, port, user: "root", way: name() },
    });
    expect(target?.logins).toBe(0);
  });

  it("shares one connection with each jump host with other hosts behind them", async () => {
    await connects(both());
    const others = Array.from({ length: 20 }, (_, at) => ({ ...far(), user: "root", hostKeySha256: `SHA256:${at}` }));
    await Promise.all([far(), ...others].map((host) => hosts.run(host, reading)));
    expect([first?.logins, second?.logins]).toEqual([1, 1]);
  });

  it("is not reached if a jump host shows a key that known_hosts does not have", async () => {
    await connects([knownLine(first, firstKey), knownLine(second, firstKey)]);
    const outcome = await hosts.run(far(), change(["true"]));
    expect(outcome).toMatchObject({ kind: "refused" });
    const why = outcome.kind === "refused" ? outcome.reason : "";
    expect(why).toContain(
      `connecting ${name()}: jump host 127.0.0.1:${portOf(second)}: it shows the key ${second?.host.hostKeySha256}`,
    );
    expect(why).toContain("which known_hosts does not have");
    expect([first?.logins, second?.logins, target?.logins]).toEqual([1, 0, 0]);
  });

  it("is not reached if the key of a jump host is revoked", async () => {
    await connects([...both(), knownLine(first, firstKey, "@revoked ")]);
    expect(await hosts.run(far(), reading)).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining(`jump host 127.0.0.1:${portOf(first)}: the host shows the key`),
    });
    expect(first?.logins).toBe(0);
  });

  it("is reached again after a jump host was lost", async () => {
    await connects(both());
    expect(await hosts.run(far(), reading)).toMatchObject({ kind: "done" });
    second?.cutConnections();
    expect(await hosts.run(far(), reading)).toMatchObject({ kind: "done" });
    first?.cutConnections();
    expect(await hosts.run(far(), reading)).toMatchObject({ kind: "done" });
    expect([first?.logins, second?.logins]).toEqual([2, 3]);
  });

  it("is named with the jump host that can't connect to it", async () => {
    await connects(both());
    await target?.stop();
    expect(await hosts.run(far(), reading)).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining(
        `connecting ${name()}: jump host 127.0.0.1:${portOf(second)} can't connect to 127.0.0.1:${portOf(target)}: `,
      ),
    });
    target = await ShellServer.start(botKey);
  });

  it("must show its own trusted key, also behind jump hosts", async () => {
    await connects(both());
    const trusted = { ...far(), hostKeySha256: "SHA256:other" };
    expect(await hosts.run(trusted, change(["true"]))).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("shows the key"),
    });
    expect(target?.logins).toBe(0);
  });

  it("fails in time if it accepts the connection and is silent", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    await connects(both());
    await hosts.close();
    const files = { config: folder.path("config"), knownHosts: folder.path("known_hosts") };
    hosts = openSshHosts({ identity: identityOf(botKey.private), files, connectTimeoutMs: 3_000 });
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await hosts.run({ ...far(), port }, reading)).toMatchObject({
      reason: expect.stringContaining("timed out after 3 s"),
    });
    silent.close();
  });
});

it("a configuration that can't be used stops every connection, and is named", async () => {
  await connects([], "Host far\n  Port no\n");
  expect(await hosts.run(far(), change(["true"]))).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("Port no is not a port; nothing was run"),
  });
  expect(await hosts.presentedBy({ address: "far", port: 22, user: null })).toMatchObject({ kind: "unknown" });
});
