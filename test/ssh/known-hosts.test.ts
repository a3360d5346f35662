import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { KnownHosts } from "../../src/ssh/known-hosts.ts";
import { KeyFolder, sshKeygen } from "./openssh.ts";

const keyOf = (name: string): Buffer => Buffer.from(`key ${name}`);
const lineOf = (hosts: string, key: string): string => `${hosts} ssh-ed25519 ${keyOf(key).toString("base64")} comment`;

describe("known_hosts", () => {
  const trusts = (lines: readonly string[], host: string, port = 22): boolean =>
    new KnownHosts(lines.join("\n")).isTrusted({ host, port }, keyOf("a"));

  it("trusts a key for the hosts of its line", () => {
    expect(trusts([lineOf("host1,10.0.0.1", "a")], "host1")).toBe(true);
    expect(trusts([lineOf("host1,10.0.0.1", "a")], "10.0.0.1")).toBe(true);
    expect(trusts([lineOf("HOST1", "a")], "Host1")).toBe(true);
    expect(trusts([lineOf("host1", "b"), lineOf("host1", "a")], "host1")).toBe(true);
    expect(trusts([lineOf("host1", "b")], "host1")).toBe(false);
    expect(trusts([lineOf("host1", "a")], "host11")).toBe(false);
  });

  it("knows patterns, and names that a pattern leaves out", () => {
    expect(trusts([lineOf("*.example,!old.example", "a")], "new.example")).toBe(true);
    expect(trusts([lineOf("*.example,!old.example", "a")], "old.example")).toBe(false);
    expect(trusts([lineOf("10.0.?.1", "a")], "10.0.7.1")).toBe(true);
    expect(trusts([lineOf("10.0.?.1", "a")], "10.0.77.1")).toBe(false);
    expect(trusts([lineOf("!host1", "a")], "host2")).toBe(false);
    expect(trusts([lineOf("host.1", "a")], "hostx1")).toBe(false);
  });

  it("matches a long pattern without taking long", () => {
    expect(trusts([lineOf(`${"*a".repeat(60)}*b`, "a")], "a".repeat(250))).toBe(false);
  });

  it("has other names for other ports", () => {
    expect(trusts([lineOf("[host1]:2222", "a")], "host1", 2222)).toBe(true);
    expect(trusts([lineOf("[host1]:2222", "a")], "host1")).toBe(false);
    expect(trusts([lineOf("host1", "a")], "host1", 2222)).toBe(true);
  });

  it("keeps authorities, revoked keys and keys of hosts apart", () => {
    const known = new KnownHosts(
      [`@cert-authority ${lineOf("*", "ca")}`, `@revoked ${lineOf("*", "lost")}`, lineOf("host1", "lost")].join("\n"),
    );
    const host = { host: "host1", port: 22 };
    expect(known.isAuthority(host, keyOf("ca"))).toBe(true);
    expect(known.isTrusted(host, keyOf("ca"))).toBe(false);
    expect(known.hasAuthority(host)).toBe(true);
    expect(known.isRevoked(host, keyOf("lost"))).toBe(true);
  });

  it("has no authority that is revoked", () => {
    const known = new KnownHosts(`@cert-authority ${lineOf("*", "ca")}\n@revoked ${lineOf("*", "ca")}`);
    expect(known.isAuthority({ host: "host1", port: 22 }, keyOf("ca"))).toBe(false);
  });

  it("leaves out comments and lines that OpenSSH can't read", () => {
    const lines = ["", "# host1 ssh-ed25519 AAAA", "host1", "@unknown host1 ssh-ed25519 AAAA", "\u0000\u0001"];
    expect(trusts([...lines, lineOf("host1", "a")], "host1")).toBe(true);
    expect(trusts([`#${lineOf("host1", "a")}`], "#host1")).toBe(false);
    expect(trusts([`@unknown ${lineOf("host1", "a")}`], "host1")).toBe(false);
  });

  it.skipIf(sshKeygen === null)("reads names that ssh-keygen -H hashed (ssh-keygen must be installed)", async () => {
    const keys = await KeyFolder.make();
    try {
      await keys.newKey("host");
      const line = await keys.publicLine("host");
      const file = await keys.writes("known", `host1,[host2]:2222 ${line}\n@cert-authority host3 ${line}\n`);
      await promisify(execFile)(sshKeygen ?? "", ["-H", "-f", file]);
      const text = await readFile(file, "utf8");
      expect(text).toContain("|1|");
      expect(text).not.toContain("host1");
      const known = new KnownHosts(text);
      const key = await keys.publicKey("host");
      expect(known.isTrusted({ host: "host1", port: 22 }, key)).toBe(true);
      expect(known.isTrusted({ host: "host2", port: 2222 }, key)).toBe(true);
      expect(known.isTrusted({ host: "host9", port: 22 }, key)).toBe(false);
      expect(known.isAuthority({ host: "host3", port: 22 }, key)).toBe(true);
    } finally {
      await keys.remove();
    }
  });
});
