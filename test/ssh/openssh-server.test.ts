import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import { fingerprintOf, identityOf, identityOfAgent } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { change, read } from "./commands.ts";
import { KeyFolder, sshd, sshKeygen, startAgent } from "./openssh.ts";
import { hostAt, newKey } from "./shell-server.ts";

const isRoot = process.getuid?.() === 0;
const reading = read(["echo", "hello"]);

/** OpenSSH's own server, as on a host. It accepts the key `own` and has the keys `host-ed25519` and `host-ecdsa`. */
describe.skipIf(sshd === null || !isRoot)("OpenSSH's server (sshd must be installed, and the user root)", () => {
  let keys: KeyFolder;
  let hosts: SshHosts | null = null;
  const running: ChildProcess[] = [];
  beforeEach(async () => {
    keys = await KeyFolder.make();
    for (const name of ["own", "ca", "host-ed25519", "jump"]) await keys.newKey(name);
    await keys.newKey("host-ecdsa", "ecdsa");
    await keys.writes("authorized_keys", `${await keys.publicLine("own")}\n`);
    await mkdir("/run/sshd", { recursive: true });
  });
  afterEach(async () => {
    await hosts?.close();
    for (const child of running.splice(0)) {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    }
    await keys.remove();
  });

  /** Resolves to its port. Another program may take a free port first. */
  async function starts(name: string, settings: readonly string[], attempts = 5): Promise<number> {
    try {
      return await startsAt(await freePort(), name, settings);
    } catch (error) {
      if (attempts === 1 || !String(error).includes("Address already in use")) throw error;
      return starts(name, settings, attempts - 1);
    }
  }

  async function startsAt(port: number, name: string, settings: readonly string[]): Promise<number> {
    const lines = [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `PidFile ${keys.path(`${name}.pid`)}`, "UsePAM no"],
      ...["StrictModes no", "PermitRootLogin prohibit-password", `AuthorizedKeysFile ${keys.path("authorized_keys")}`],
      ...settings,
    ];
    const config = await keys.writes(`${name}.conf`, `${lines.join("\n")}\n`);
    const child = spawn(sshd ?? "", ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes("listening on")) resolve();
      });
      child.once("exit", () => reject(new Error(`sshd ended: ${said}`)));
    });
    running.push(child);
    return port;
  }

  const hostKeys = () => ["ed25519", "ecdsa"].map((type) => `HostKey ${keys.path(`host-${type}`)}`);
  const at = (port: number, hostKeySha256: string): Host => ({ ...hostAt(port, newKey()), hostKeySha256 });

  it("takes a key of an agent, and a key with a passphrase", async () => {
    const port = await starts("plain", hostKeys());
    const host = at(port, fingerprintOf(await keys.publicKey("host-ed25519")));
    const agent = await startAgent(keys, ["own"]);
    hosts = openSshHosts({ identity: identityOfAgent({ socket: agent.socket, publicKey: null }) });
    expect(await hosts.run(host, reading)).toMatchObject({ kind: "done", value: { stdout: "hello\n" } });
    await hosts.close();
    await agent.stop();
    await promisify(execFile)(sshKeygen ?? "", ["-q", "-p", "-P", "", "-N", "some words", "-f", keys.path("own")]);
    hosts = openSshHosts({ identity: identityOf(await keys.privateKey("own"), "some words") });
    expect(await hosts.run(host, reading)).toMatchObject({ kind: "done" });
  });

  it.each(["ed25519", "ecdsa"])(
    "is trusted by a certificate for its key of the kind %s, behind a jump host",
    async (type) => {
      await keys.certify({ ca: "ca", key: `host-${type}`, options: ["-h", "-n", "127.0.0.1"] });
      const certificate = `HostCertificate ${keys.path(`host-${type}-cert.pub`)}`;
      const port = await starts("certified", [...hostKeys(), certificate]);
      const jump = await starts("jump", [`HostKey ${keys.path("jump")}`]);
      const config = await keys.writes(
        "config",
        `Host far\n  HostName 127.0.0.1\n  ProxyJump root@near\nHost near\n  HostName 127.0.0.1\n  Port ${jump}\n`,
      );
      const known = async (withCa: boolean) =>
        keys.writes(
          "known_hosts",
          [
            `[127.0.0.1]:${jump} ${await keys.publicLine("jump")}`,
            ...(withCa ? [`@cert-authority 127.0.0.1 ${await keys.publicLine("ca")}`] : []),
          ].join("\n"),
        );
      await promisify(execFile)(sshKeygen ?? "", ["-H", "-f", await known(true)]);
      const files = { config, knownHosts: keys.path("known_hosts") };
      const identity = identityOf(await keys.privateKey("own"));
      const far = { ...at(port, `SHA256:${"A".repeat(43)}`), address: "far" };
      hosts = openSshHosts({ identity, files });
      expect(await hosts.run(far, reading)).toMatchObject({ kind: "done", value: { stdout: "hello\n" } });
      await hosts.close();

      await known(false);
      hosts = openSshHosts({ identity, files });
      expect(await hosts.run(far, change(["true"]))).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining(`shows the key ${fingerprintOf(await keys.publicKey("host-ed25519"))}`),
      });
    },
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
