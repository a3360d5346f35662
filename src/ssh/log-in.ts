import type { Duplex } from "node:stream";
import { NodeSSH } from "node-ssh";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { certifiedKey } from "./certified-key.ts";
import { fingerprintOf, type Identity } from "./keys.ts";
import type { KnownHosts } from "./known-hosts.ts";
import type { Login } from "./openssh-files.ts";

/** Why there is no connection, for the operator: nothing ran. */
export class ConnectFailed extends Error {
  override name = "ConnectFailed";
}

/** Makes a TCP connection to a computer through its jump hosts. undefined: there are none. */
type Through = () => Promise<Duplex | undefined>;

interface Asked {
  readonly login: Login;
  readonly through: Through;
  readonly identity: Identity;
  readonly knownHosts: KnownHosts;
  readonly timeoutMs: number;
  isTrusted(key: Buffer): boolean;
  /** Why a key that is not trusted is refused, for the operator. */
  whyRefused(fingerprint: string): string;
}

/**
 * A session with a computer that has a trusted key, or a certificate for its key that counts. A revoked key is never
 * accepted. Rejects with `ConnectFailed`.
 */
export async function logIn(asked: Asked): Promise<NodeSSH> {
  const { login, through, knownHosts, timeoutMs } = asked;
  const isRevoked = (key: Buffer) => knownHosts.isRevoked(login, key);
  const first = await attempt(asked, (key) => !isRevoked(key) && asked.isTrusted(key));
  if (first instanceof NodeSSH) return first;
  if (isRevoked(first)) throw new ConnectFailed(revokedText(first));
  const refusal = asked.whyRefused(fingerprintOf(first));
  if (!knownHosts.hasAuthority(login)) throw new ConnectFailed(refusal);
  const certified = await certifiedKey(login, knownHosts, await through(), timeoutMs);
  if (typeof certified === "string") throw new ConnectFailed(`${refusal}. No certificate replaces that: ${certified}`);
  const { key, keyType } = certified;
  // The host proves in the usual way that it has the certified key.
  const second = await attempt(asked, (presented) => presented.equals(key), [keyType]);
  if (second instanceof NodeSSH) return second;
  throw new ConnectFailed(`${refusal}. Its certificate is for another key than it shows`);
}

/** Of `@revoked` in known_hosts. */
export const revokedText = (key: Buffer): string =>
  `the host shows the key ${fingerprintOf(key)}, which known_hosts revokes. Nothing was sent to it`;

/** The session, or the key that was not accepted. Rejects with `ConnectFailed` for all other reasons. */
async function attempt(
  { login, through, identity, timeoutMs }: Asked,
  accepts: (key: Buffer) => boolean,
  keyTypes?: ServerHostKeyAlgorithm[],
): Promise<NodeSSH | Buffer> {
  const ssh = new NodeSSH();
  let refused: Buffer | null = null;
  const socket = await through();
  const connecting = ssh.connect({
    host: login.host,
    port: login.port,
    username: login.user,
    authHandler: [identity.proofFor(login.user)],
    readyTimeout: timeoutMs,
    // A host that vanished silently is noticed after about 20 s.
    keepaliveInterval: 5_000,
    keepaliveCountMax: 3,
    ...(socket === undefined ? {} : { sock: socket }),
    ...(keyTypes === undefined ? {} : { algorithms: { serverHostKey: keyTypes } }),
    hostVerifier: (key: Buffer) => {
      const isAccepted = accepts(key);
      if (!isAccepted) refused = Buffer.from(key);
      return isAccepted;
    },
  });
  // node-ssh listens only until the login; an error without a listener would end the process.
  const client = ssh.connection;
  client?.on("error", () => {});
  // Nagle's algorithm delays the end of each command by 40 ms.
  client?.setNoDelay(true);
  try {
    return await connecting;
  } catch (error) {
    client?.destroy();
    socket?.destroy();
    if (refused !== null) return refused;
    throw new ConnectFailed(reasonOf(error, timeoutMs, login.user, identity));
  }
}

function reasonOf(error: unknown, timeoutMs: number, user: string, identity: Identity): string {
  if (!(error instanceof Error)) return String(error);
  if ("level" in error && error.level === "client-authentication") {
    return `login as ${user} refused. ${identity.adviceFor(user)}`;
  }
  if ("level" in error && error.level === "agent") return "the SSH agent of SSH_AUTH_SOCK does not answer";
  return networkReason(error, timeoutMs) ?? error.message;
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused: no SSH server listens there",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to its network",
  ECONNRESET: "the host closed the connection",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name could not be resolved",
};

/** Why the network gives no connection, in the operator's words; null if that is not the reason. */
export function networkReason(error: Error, timeoutMs: number): string | null {
  // node-ssh reports this with the code ETIMEDOUT if the host closes before the login is complete.
  if (error.message === "No response from server" || error.message === "Connection lost before handshake") {
    return "the host closed the connection before the login was complete";
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const timedOut = code === "ETIMEDOUT" || ("level" in error && error.level === "client-timeout");
  return timedOut ? `timed out after ${timeoutMs / 1000} s` : (networkReasons[code] ?? null);
}
