import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Host } from "../../src/core/inventory.ts";
import { fingerprintOf, identityOf } from "../../src/ssh/keys.ts";
import { openSshHosts, type SshHosts } from "../../src/ssh/sessions.ts";
import { change, read } from "./commands.ts";
import { KeyFolder, sshKeygen } from "./openssh.ts";
import { newKey, ShellServer } from "./shell-server.ts";

const botKey = newKey();
const reading = read(["echo", "hello"]);
const TRUSTED = `SHA256:${"A".repeat(43)}`;
const VALID = ["-h", "-n", "127.0.0.1"];

describe.skipIf(sshKeygen === null)("a host with a certificate (ssh-keygen must be installed)", () => {
  let keys: KeyFolder;
  let hosts: SshHosts;
  const servers: ShellServer[] = [];
  beforeEach(async () => {
    keys = await KeyFolder.make();
    for (const name of ["ca", "other-ca", "host", "other-host"]) await keys.newKey(name);
  });
  afterEach(async () => {
    await hosts.close();
    for (const server of servers.splice(0)) await server.stop();
    await keys.remove();
  });

  /** A server with the key `host`; the inventory trusts another one. */
  async function server(options: readonly string[], { ca = "ca", key = "host" } = {}): Promise<Host> {
    const pair = { private: await keys.privateKey("host"), public: await keys.publicLine("host") };
    const made = await ShellServer.start(botKey, pair, 0, await keys.certify({ ca, key, options }));
    servers.push(made);
    return { ...made.host, hostKeySha256: TRUSTED };
  }

  async function connects(...lines: readonly (readonly [marker: string, hosts: string, key: string])[]): Promise<void> {
    const text = await Promise.all(
      lines.map(async ([marker, of, key]) => `${marker}${of} ${await keys.publicLine(key)}\n`),
    );
    const files = { config: null, knownHosts: await keys.writes("known_hosts", text.join("")) };
    hosts = openSshHosts({ identity: identityOf(botKey.private), files, connectTimeoutMs: 20_000 });
  }

  async function refusalOf(host: Host): Promise<string> {
    const outcome = await hosts.run(host, change(["true"]));
    expect(servers.map(({ logins }) => logins)).toEqual(servers.map(() => 0));
    return outcome.kind === "refused" ? outcome.reason : JSON.stringify(outcome);
  }

  it("is trusted with a new key that the authority certifies", async () => {
    const host = await server(VALID);
    await connects(["@cert-authority ", "127.0.0.*", "ca"]);
    expect(await hosts.run(host, reading)).toMatchObject({ kind: "done" });
  });

  it("is trusted by its key alone without an authority, and then no certificate is asked for", async () => {
    const host = await server([...VALID, "-V", "20200101Z:20210101Z"]);
    await connects(["@cert-authority ", "127.0.0.1", "ca"]);
    const trusted = { ...host, hostKeySha256: fingerprintOf(await keys.publicKey("host")) };
    expect(await hosts.run(trusted, reading)).toMatchObject({ kind: "done" });
  });

  it.each<[string, readonly string[], object, string]>([
    ["expired", [...VALID, "-V", "20200101Z:20210101Z"], {}, "it expired at 2021-01-01T00:00:00.000Z"],
    ["for another host", ["-h", "-n", "host1"], {}, "it is for host1, not for 127.0.0.1"],
    ["of another authority", VALID, { ca: "other-ca" }, "has no @cert-authority line for this host"],
    ["for another key", VALID, { key: "other-host" }, "Its certificate is for another key than it shows"],
    ["for users", ["-n", "127.0.0.1"], {}, "it is not a host certificate"],
  ])("is not trusted if the certificate is %s", async (_, options, made, why) => {
    const host = await server(options, made);
    await connects(["@cert-authority ", "*", "ca"]);
    const reason = await refusalOf(host);
    expect(reason).toContain(why);
    expect(reason).toContain(
      `shows the key ${fingerprintOf(await keys.publicKey("host"))}, but the bot trusts ${TRUSTED}`,
    );
  });

  it("is not trusted if known_hosts has the authority for other hosts only", async () => {
    const host = await server(VALID);
    await connects(["@cert-authority ", "10.0.0.1", "ca"]);
    expect(await refusalOf(host)).toMatch(/Nothing was sent to it; nothing was run$/);
  });

  it("is not trusted with a revoked authority, or a revoked key, also if the inventory trusts it", async () => {
    const host = await server(VALID);
    await connects(["@cert-authority ", "*", "ca"], ["@revoked ", "*", "ca"]);
    expect(await refusalOf(host)).toContain("or is revoked");
    await hosts.close();
    await connects(["@cert-authority ", "*", "ca"], ["@revoked ", "*", "host"]);
    const trusted = { ...host, hostKeySha256: fingerprintOf(await keys.publicKey("host")) };
    expect(await refusalOf(trusted)).toContain("which known_hosts revokes");
    expect(await hosts.presentedBy({ ...host, user: null })).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining("which known_hosts revokes"),
    });
  });

  it("shows its certificate before a person trusts it", async () => {
    const host = await server([...VALID, "-V", "20200101Z:20990101Z"]);
    await connects(["@cert-authority ", "*", "ca"]);
    const authority = fingerprintOf(await keys.publicKey("ca"));
    expect(await hosts.presentedBy({ ...host, user: null })).toMatchObject({
      value: { certificate: `"id of host" of the authority ${authority}, valid until 2099-01-01T00:00:00.000Z` },
    });
    const expired = await server([...VALID, "-V", "20200101Z:20210101Z"]);
    expect(await hosts.presentedBy({ ...expired, user: null })).toMatchObject({
      value: { certificate: "none that counts: it expired at 2021-01-01T00:00:00.000Z" },
    });
  });

  it("without a certificate is not trusted by an authority", async () => {
    const pair = { private: await keys.privateKey("host"), public: await keys.publicLine("host") };
    const plain = await ShellServer.start(botKey, pair);
    servers.push(plain);
    await connects(["@cert-authority ", "*", "ca"]);
    expect(await refusalOf({ ...plain.host, hostKeySha256: TRUSTED })).toContain(
      "No certificate replaces that: the host shows no Ed25519 or ECDSA certificate",
    );
  });
});
