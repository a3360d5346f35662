import { NodeSSH } from "node-ssh";
import ssh2 from "ssh2";
import { done, type Outcome, unknown } from "../core/outcome.ts";
import { fingerprintOf, type Identity } from "./keys.ts";

/** The properties of a host that identify a connection: another key, port or user is another connection. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeySha256: string;
}

/** Why there is no connection, for the operator: nothing ran. */
export class ConnectFailed extends Error {
  override name = "ConnectFailed";
}

/** A session with a host that has the trusted key. Rejects with `ConnectFailed`. */
export async function connect(target: Target, identity: Identity, timeoutMs: number): Promise<NodeSSH> {
  const ssh = new NodeSSH();
  let presented: string | null = null;
  const connecting = ssh.connect({
    host: target.address,
    port: target.port,
    username: target.user,
    privateKey: identity.privateKey,
    authHandler: ["publickey"],
    readyTimeout: timeoutMs,
    // A host that vanished silently is noticed after about 20 s.
    keepaliveInterval: 5_000,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer) => {
      presented = fingerprintOf(key);
      return presented === target.hostKeySha256;
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
    const changed = presented !== null && presented !== target.hostKeySha256;
    const reason = changed ? changedKey(presented, target) : reasonOf(error, timeoutMs, target, identity);
    throw new ConnectFailed(`connecting ${endpoint(target.address, target.port)}: ${reason}`);
  }
}

/** The fingerprint of a host's key; the connection ends before any login. */
export function hostKeyOf(address: string, port: number, timeoutMs: number): Promise<Outcome<string>> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    client.on("error", (error) => {
      resolve(unknown(`connecting ${endpoint(address, port)}: ${networkReason(error, timeoutMs) ?? error.message}`));
      client.destroy();
    });
    client.connect({
      host: address,
      port,
      // Never sent: the key is always rejected.
      username: "nobody",
      readyTimeout: timeoutMs,
      hostVerifier: (key: Buffer) => {
        resolve(done(fingerprintOf(key)));
        return false;
      },
    });
  });
}

const endpoint = (address: string, port: number): string =>
  address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;

const changedKey = (presented: string | null, { hostKeySha256 }: Target): string =>
  `the host shows the key ${presented}, but the bot trusts ${hostKeySha256}. The host was reinstalled, or another computer answers ` +
  "at its address. Find out which. Nothing was sent to it. If the new key is right, remove the host and add it again";

function reasonOf(error: unknown, timeoutMs: number, { user }: Target, { publicLine }: Identity): string {
  if (!(error instanceof Error)) return String(error);
  if ("level" in error && error.level === "client-authentication") {
    return `login as ${user} refused. Add the bot's public key to ~${user}/.ssh/authorized_keys on the host: ${publicLine}`;
  }
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

function networkReason(error: Error, timeoutMs: number): string | null {
  // node-ssh reports this with the code ETIMEDOUT if the host closes before the login is complete.
  if (error.message === "No response from server" || error.message === "Connection lost before handshake") {
    return "the host closed the connection before the login was complete";
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const timedOut = code === "ETIMEDOUT" || ("level" in error && error.level === "client-timeout");
  return timedOut ? `timed out after ${timeoutMs / 1000} s` : (networkReasons[code] ?? null);
}
