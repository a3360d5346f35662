import { createHash } from "node:crypto";
import ssh2, { type AnyAuthMethod, type ParsedKey } from "ssh2";
import { AgentWithKey } from "./agent.ts";

/** `SHA256:…` of a public key, as `ssh-keygen -l` and OpenSSH's warnings print it. */
export const fingerprintOf = (publicKey: Buffer): string =>
  `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`;

/** How the bot logs in. */
export interface Identity {
  /** Proves to a host that the bot may log in as this user. */
  proofFor(username: string): AnyAuthMethod;
  /** What a person does if a host refuses the login of this user. */
  adviceFor(username: string): string;
}

/** What an agent is asked through. `publicKey`: only this key of it is offered; null: each key that it has. */
interface Agent {
  /** The path of `SSH_AUTH_SOCK`. */
  readonly socket: string;
  readonly publicKey: string | null;
}

/** The bot logs in with a key of an agent. The private key never comes to the bot. Throws if the text is no public key. */
export function identityOfAgent({ socket, publicKey }: Agent): Identity {
  const only = publicKey === null ? null : parsed(publicKey);
  const agent = new AgentWithKey(socket, only?.getPublicSSH() ?? null);
  return {
    proofFor: (username) => ({ type: "agent", username, agent }),
    adviceFor: (username) =>
      only === null
        ? `The agent of SSH_AUTH_SOCK has no key that the host accepts. Add a line of ssh-add -L to ${fileOf(username)}`
        : `Add the agent's public key to ${fileOf(username)}: ${lineOf(only)}`,
  };
}

/** Throws if the text is not a private key that the passphrase opens. Neither of both is part of the message. */
export function identityOf(privateKey: string, passphrase?: string): Identity {
  const key = parsed(privateKey, passphrase);
  if (!key.isPrivateKey()) throw new Error("the SSH private key can't be used: it is a public key");
  // The key is opened once: a passphrase costs a tenth of a second, and there may be a thousand connections.
  return {
    proofFor: (username) => ({ type: "publickey", username, key }),
    adviceFor: (username) => `Add the bot's public key to ${fileOf(username)}: ${lineOf(key)}`,
  };
}

/** Whether the text is a public key, which `SSH_PRIVATE_KEY_FILE` may name if an agent has the private one. */
export function isPublicKey(text: string): boolean {
  try {
    return !parsed(text).isPrivateKey();
  } catch {
    return false;
  }
}

const fileOf = (username: string): string => `~${username}/.ssh/authorized_keys on the host`;

const lineOf = (key: ParsedKey): string => `${key.type} ${key.getPublicSSH().toString("base64")}`;

function parsed(text: string, passphrase?: string): ParsedKey {
  const found = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(found) ? found[0] : found;
  if (key !== undefined && !(key instanceof Error)) return key;
  throw new Error(`the SSH private key can't be used: ${whyNot(key?.message ?? "", passphrase !== undefined)}`);
}

/** ssh2 says it with the words of its parser. */
function whyNot(said: string, hasPassphrase: boolean): string {
  if (said === "") return "there is no key in it";
  if (/no passphrase given/i.test(said)) return "it has a passphrase, and none is set";
  if (hasPassphrase && /integrity check failed|bad passphrase|bad decrypt|wrong tag/i.test(said))
    return "the passphrase does not open it";
  return said;
}
