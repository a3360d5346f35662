import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseHostCertificate, whyNotCertified } from "../../src/ssh/host-certificate.ts";
import { KeyFolder, sshKeygen } from "./openssh.ts";

const NOW = Date.parse("2026-06-15T12:00:00Z") / 1000;
const VALID = ["-h", "-n", "host1.example,10.0.0.1", "-V", "20260101Z:20270101Z"];

describe.skipIf(sshKeygen === null)("a host certificate (ssh-keygen must be installed)", () => {
  let keys: KeyFolder;
  beforeAll(async () => {
    keys = await KeyFolder.make();
    for (const type of ["ed25519", "ecdsa", "rsa"]) {
      await keys.newKey(`ca-${type}`, type);
      await keys.newKey(`host-${type}`, type);
    }
  });
  afterAll(() => keys.remove());

  /** Why it does not count; null: it counts. */
  async function judged(
    options: readonly string[],
    {
      ca = "ca-ed25519",
      trusted = ca,
      hostName = "host1.example",
      nowSeconds = NOW,
      revoked = [],
    }: {
      ca?: string;
      trusted?: string;
      hostName?: string;
      nowSeconds?: number;
      revoked?: readonly string[];
    } = {},
  ): Promise<string | null> {
    const certificate = parseHostCertificate(await keys.certify({ ca, key: "host-ed25519", options }));
    const authority = await keys.publicKey(trusted);
    const lost = await Promise.all(revoked.map((name) => keys.publicKey(name)));
    const isRevoked = (key: Buffer) => lost.some((each) => each.equals(key));
    const isAuthority = (key: Buffer) => key.equals(authority) && !isRevoked(key);
    return whyNotCertified(certificate, { hostName, nowSeconds, isAuthority, isRevoked });
  }

  it("counts if it is signed, valid now and for this host", async () => {
    expect(await judged(VALID)).toBeNull();
    expect(await judged(VALID, { hostName: "10.0.0.1" })).toBeNull();
  });

  it.each(["ed25519", "ecdsa", "rsa"])("counts with an authority of the kind %s, for each kind of key", async (ca) => {
    for (const type of ["ed25519", "ecdsa", "rsa"]) {
      const blob = await keys.certify({ ca: `ca-${ca}`, key: `host-${type}`, options: VALID });
      const certificate = parseHostCertificate(blob);
      expect(certificate.key.equals(await keys.publicKey(`host-${type}`))).toBe(true);
      const expected = {
        ...{ hostName: "host1.example", nowSeconds: NOW, isRevoked: () => false },
        isAuthority: () => true,
      };
      expect(whyNotCertified(certificate, expected)).toBeNull();
    }
  });

  it("does not count before its time, and from its end on", async () => {
    const [from, until] = [Date.parse("2026-01-01T00:00:00Z") / 1000, Date.parse("2027-01-01T00:00:00Z") / 1000];
    expect(await judged(VALID, { nowSeconds: from - 1 })).toBe("it is not valid before 2026-01-01T00:00:00.000Z");
    expect(await judged(VALID, { nowSeconds: from })).toBeNull();
    expect(await judged(VALID, { nowSeconds: until - 1 })).toBeNull();
    expect(await judged(VALID, { nowSeconds: until })).toBe("it expired at 2027-01-01T00:00:00.000Z");
  });

  it("does not count for another host, or if it names none", async () => {
    expect(await judged(VALID, { hostName: "host2.example" })).toBe(
      "it is for host1.example, 10.0.0.1, not for host2.example",
    );
    expect(await judged(["-h", "-n", "*.example"])).toBe("it is for *.example, not for host1.example");
    expect(await judged(["-h"])).toBe("it names no host");
  });

  it("does not count if its authority is another one, or is revoked, or its key is revoked", async () => {
    expect(await judged(VALID, { trusted: "ca-rsa" })).toContain("has no @cert-authority line for this host");
    expect(await judged(VALID, { revoked: ["ca-ed25519"] })).toContain("or is revoked");
    expect(await judged(VALID, { revoked: ["host-ed25519"] })).toMatch(/its key SHA256:\S+ is revoked/);
  });

  it("does not count if it is for users, or with a critical option", async () => {
    expect(await judged(["-n", "host1.example"])).toBe("it is not a host certificate");
    expect(await judged([...VALID, "-O", "critical:new-rule=1"])).toBe("its critical option new-rule is not known");
  });

  it("does not count with an RSA signature that uses SHA-1", async () => {
    expect(await judged([...VALID, "-t", "ssh-rsa"], { ca: "ca-rsa" })).toContain(
      "of a kind that the bot does not accept",
    );
  });

  it("does not count, or can't be read, with any bit changed or any end missing", async () => {
    const blob = await keys.certify({ ca: "ca-ecdsa", key: "host-ed25519", options: VALID });
    const authority = await keys.publicKey("ca-ecdsa");
    const expected = {
      ...{ hostName: "host1.example", nowSeconds: NOW, isRevoked: () => false },
      isAuthority: (key: Buffer) => key.equals(authority),
    };
    const counts = (bytes: Buffer): boolean => {
      try {
        return whyNotCertified(parseHostCertificate(bytes), expected) === null;
      } catch {
        return false;
      }
    };
    expect(counts(blob)).toBe(true);
    for (let at = 0; at < blob.length; at++) {
      const changed = Buffer.from(blob);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
      expect(counts(changed), `byte ${at}`).toBe(false);
      expect(counts(blob.subarray(0, at)), `the first ${at} bytes`).toBe(false);
    }
    expect(counts(Buffer.concat([blob, Buffer.alloc(1)]))).toBe(false);
  });
});
