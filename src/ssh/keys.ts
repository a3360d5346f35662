import { createHash } from "node:crypto";
import ssh2 from "ssh2";

/** `SHA256:…` of a public key, as `ssh-keygen -l` and OpenSSH's warnings print it. */
export const fingerprintOf = (publicKey: Buffer): string =>
  `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`;

/** The key the bot logs in with. */
export interface Identity {
  readonly privateKey: string;
  /** The line to add to a host's authorized_keys. */
  readonly publicLine: string;
}

/** Throws if the text is not a private key; the text is never part of the message. */
export function identityOf(privateKey: string): Identity {
  const parsed = ssh2.utils.parseKey(privateKey);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) {
    throw new Error(`the SSH private key can't be used: ${key?.message ?? "there is no key in it"}`);
  }
  if (!key.isPrivateKey()) throw new Error("the SSH private key can't be used: it is a public key");
  return { privateKey, publicLine: `${key.type} ${key.getPublicSSH().toString("base64")}` };
}
