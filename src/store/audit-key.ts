import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { flushDirectory } from "../replace-file.ts";
import { damaged } from "./json-file.ts";

const KEY_FILE = "audit-key.pem";

/** The key that signs the log of a data folder. */
export interface AuditKey {
  /** `SHA256:…`, as people compare it. */
  readonly fingerprint: string;
  /** SPKI in base64. */
  readonly publicKey: string;
  /** Ed25519, in base64. */
  sign(text: string): string;
}

/** The data folder's key. It is made at the first start; only the bot's own user may read it. */
export async function openAuditKey(directory: string): Promise<AuditKey> {
  const path = join(directory, KEY_FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return keyOf(text === null ? await newKey(directory, path) : readKey(path, text));
}

async function newKey(directory: string, path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const file = await open(path, "wx", 0o600);
  try {
    await file.appendFile(privateKey.export({ type: "pkcs8", format: "pem" }));
    await file.sync();
  } finally {
    await file.close();
  }
  await flushDirectory(directory);
  return privateKey;
}

function readKey(path: string, text: string): KeyObject {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The error of the library may repeat parts of the file.
  }
  throw damaged(path, "it is no Ed25519 key in PEM");
}

function keyOf(privateKey: KeyObject): AuditKey {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" }).toString("base64");
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64"),
  };
}

/** As `ssh-keygen -l` writes fingerprints. */
export const fingerprintOf = (publicKey: string): string =>
  `SHA256:${createHash("sha256").update(Buffer.from(publicKey, "base64")).digest("base64").replace(/=+$/, "")}`;

export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
