import { createPublicKey, verify } from "node:crypto";
import ssh2 from "ssh2";
import { fingerprintOf } from "./keys.ts";
import { WireReader, wireOf } from "./wire.ts";

/** A certificate of OpenSSH, PROTOCOL.certkeys. Nothing of it is proven yet. */
interface HostCertificate {
  /** The key that it certifies, as a host without certificates shows it. */
  readonly key: Buffer;
  readonly keyType: string;
  readonly kind: "user" | "host" | "unknown";
  readonly id: string;
  readonly principals: readonly string[];
  /** Seconds since the epoch. */
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly criticalOptions: readonly string[];
  /** The public key of the authority. */
  readonly authority: Buffer;
  /** What the authority signed, and its signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** What a certificate must fit. */
interface Expected {
  /** The host name or address that is connected to, in lower case. */
  readonly hostName: string;
  readonly nowSeconds: number;
  /** Whether a `@cert-authority` line for the host has this key, and no `@revoked` line. */
  isAuthority(key: Buffer): boolean;
  isRevoked(key: Buffer): boolean;
}

const SUFFIX = "-cert-v01@openssh.com";
/** The fields of each kind of public key, between the nonce and the serial number. */
const FIELDS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
  "ssh-rsa": 2,
};
const FOREVER = 2n ** 64n - 1n;

/** Throws if the bytes are no certificate of a known kind of key. */
export function parseHostCertificate(blob: Buffer): HostCertificate {
  const reader = new WireReader(blob);
  const type = reader.text();
  const keyType = type.endsWith(SUFFIX) ? type.slice(0, -SUFFIX.length) : "";
  const count = FIELDS[keyType];
  if (count === undefined) throw new Error(`its kind is not known: ${type.slice(0, 60)}`);
  reader.bytes(); // nonce
  const fields = Array.from({ length: count }, () => reader.bytes());
  reader.uint64(); // serial number
  const kind = ({ 1: "user", 2: "host" } as const)[reader.uint32()] ?? "unknown";
  const id = reader.text();
  const principals = reader.texts();
  const [validFrom, validUntil] = [reader.uint64(), reader.uint64()];
  const options = new WireReader(reader.bytes());
  const criticalOptions: string[] = [];
  while (!options.isAtEnd) {
    criticalOptions.push(options.text());
    options.bytes();
  }
  reader.bytes(); // extensions: none is defined for hosts
  reader.bytes(); // reserved
  const authority = reader.bytes();
  const signed = blob.subarray(0, reader.position);
  const signature = reader.bytes();
  if (!reader.isAtEnd) throw new Error("it has bytes after its end");
  const key = wireOf(keyType, ...fields);
  return {
    ...{ key, keyType, kind, id, principals, validFrom, validUntil, criticalOptions, authority, signed, signature },
  };
}

/** Why a certificate does not count, in one sentence; null if it counts. */
export function whyNotCertified(certificate: HostCertificate, expected: Expected): string | null {
  const { authority, key, kind, principals, validFrom, validUntil, criticalOptions } = certificate;
  const now = BigInt(expected.nowSeconds);
  if (!expected.isAuthority(authority)) {
    return `its authority ${fingerprintOf(authority)} has no @cert-authority line for this host, or is revoked`;
  }
  if (expected.isRevoked(key)) return `its key ${fingerprintOf(key)} is revoked`;
  if (!isSigned(certificate))
    return "the signature of its authority is wrong, or of a kind that the bot does not accept";
  if (kind !== "host") return "it is not a host certificate";
  if (criticalOptions.length > 0) return `its critical option ${criticalOptions[0]} is not known`;
  if (now < validFrom) return `it is not valid before ${timeOf(validFrom)}`;
  if (now >= validUntil) return `it expired at ${timeOf(validUntil)}`;
  if (principals.length === 0) return "it names no host";
  if (!principals.some((name) => name.toLowerCase() === expected.hostName)) {
    return `it is for ${principals.slice(0, 5).join(", ")}, not for ${expected.hostName}`;
  }
  return null;
}

/** The certificate as a person reads it: its id, its authority and its end. */
export const certificateText = ({ id, authority, validUntil }: HostCertificate): string =>
  `${JSON.stringify(id.slice(0, 100))} of the authority ${fingerprintOf(authority)}, valid ${
    validUntil === FOREVER ? "without end" : `until ${timeOf(validUntil)}`
  }`;

/** Far times are beyond what a `Date` can show. */
function timeOf(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? "a time far away" : time.toISOString();
}

/** SHA-1 signatures are refused, as OpenSSH refuses them. */
const HASHES: Readonly<Record<string, string | null>> = {
  "ssh-ed25519": null,
  "ecdsa-sha2-nistp256": "sha256",
  "ecdsa-sha2-nistp384": "sha384",
  "ecdsa-sha2-nistp521": "sha512",
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
};
const COORDINATE_BYTES: Readonly<Record<string, number>> = {
  "ecdsa-sha2-nistp256": 32,
  "ecdsa-sha2-nistp384": 48,
  "ecdsa-sha2-nistp521": 66,
};

function isSigned({ authority, signed, signature }: HostCertificate): boolean {
  try {
    const reader = new WireReader(signature);
    const [type, value] = [reader.text(), reader.bytes()];
    const hash = HASHES[type];
    const keyType = new WireReader(authority).text();
    if (hash === undefined || !reader.isAtEnd) return false;
    if (keyType !== (type.startsWith("rsa-") ? "ssh-rsa" : type)) return false;
    const parsed = ssh2.utils.parseKey(`${keyType} ${authority.toString("base64")}`);
    if (parsed instanceof Error || Array.isArray(parsed)) return false;
    const key = createPublicKey(parsed.getPublicPEM());
    const length = COORDINATE_BYTES[type];
    if (length === undefined) return verify(hash, signed, key, value);
    return verify(hash, signed, { key, dsaEncoding: "ieee-p1363" }, coordinatesOf(value, length));
  } catch {
    return false;
  }
}

/** Both numbers of an ECDSA signature, each with the same length. Throws if one is longer. */
function coordinatesOf(value: Buffer, length: number): Buffer {
  const reader = new WireReader(value);
  const both = [reader.bytes(), reader.bytes()].map((number) => {
    const start = number.findIndex((byte) => byte !== 0);
    const digits = start === -1 ? Buffer.alloc(0) : number.subarray(start);
    if (digits.length > length) throw new RangeError("a number of the signature is too long");
    return Buffer.concat([Buffer.alloc(length - digits.length), digits]);
  });
  return Buffer.concat(both);
}
