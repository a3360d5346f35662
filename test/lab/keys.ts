import ssh2 from "ssh2";
import { fingerprintOf } from "../../src/ssh/keys.ts";

export interface KeyPair {
  /** In OpenSSH's own format. */
  readonly privateText: string;
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicLine: string;
  /** `SHA256:…` */
  readonly sha256: string;
}

export function newKeyPair(comment: string): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
  const [, blob = ""] = pair.public.split(" ");
  return {
    privateText: pair.private,
    publicLine: pair.public.trim(),
    sha256: fingerprintOf(Buffer.from(blob, "base64")),
  };
}
