import type { Duplex } from "node:stream";
import type { ServerHostKeyAlgorithm } from "ssh2";
import constants from "ssh2/lib/protocol/constants.js";
import { certificateText, parseHostCertificate, whyNotCertified } from "./host-certificate.ts";
import type { Endpoint, KnownHosts } from "./known-hosts.ts";
import { presentedKey } from "./presented-key.ts";

/** A key that an authority of known_hosts certifies for a host. */
interface CertifiedKey {
  readonly key: Buffer;
  readonly keyType: ServerHostKeyAlgorithm;
  /** Its id, its authority and its end, for people. */
  readonly text: string;
}

/** RSA is missing: ssh2 compares the kind of the key with the name of its signature, and they differ for RSA. */
const KINDS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"] as const;
const CERTIFICATES = KINDS.map((kind) => `${kind}-cert-v01@openssh.com`);

// ssh2 asks a host only for names of this list. No default of ssh2 changes: only this file asks for certificates.
for (const name of CERTIFICATES) {
  if (!constants.SUPPORTED_SERVER_HOST_KEY.includes(name)) constants.SUPPORTED_SERVER_HOST_KEY.push(name);
}

/**
 * The key of the host's certificate, or why there is none that counts. A certificate is public, and ssh2 can't end a key
 * exchange with one. So it is only read here. The host proves that it has the key in a second connection, without it.
 */
export async function certifiedKey(
  endpoint: Endpoint,
  knownHosts: KnownHosts,
  socket: Duplex | undefined,
  timeoutMs: number,
): Promise<CertifiedKey | string> {
  let blob: Buffer;
  try {
    const algorithms = CERTIFICATES as ServerHostKeyAlgorithm[];
    blob = await presentedKey({ endpoint, socket, timeoutMs, algorithms });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return said.includes("no matching host key format") ? "the host shows no Ed25519 or ECDSA certificate" : said;
  }
  try {
    const certificate = parseHostCertificate(blob);
    const why = whyNotCertified(certificate, {
      hostName: endpoint.host.toLowerCase(),
      nowSeconds: Math.floor(Date.now() / 1000),
      isAuthority: (key) => knownHosts.isAuthority(endpoint, key),
      isRevoked: (key) => knownHosts.isRevoked(endpoint, key),
    });
    if (why !== null) return why;
    const keyType = KINDS.find((kind) => kind === certificate.keyType);
    if (keyType === undefined) return "the host shows no Ed25519 or ECDSA certificate";
    return { key: certificate.key, keyType, text: certificateText(certificate) };
  } catch (error) {
    return `it can't be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
