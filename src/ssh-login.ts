import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { configError, type SshLogin } from "./config.ts";
import { Refusal } from "./core/refusal.ts";
import type { Log } from "./flow/ports.ts";
import { keysOfAgent } from "./ssh/agent.ts";
import { type Identity, identityOf, identityOfAgent, isPublicKey } from "./ssh/keys.ts";
import { OpenSshFiles, type OpenSshPaths } from "./ssh/openssh-files.ts";
import { exposureOf } from "./store/private-files.ts";

const MOST_KEY_BYTES = 64 * 1024;
const AGENT_LIMIT_MS = 5_000;

/** How the bot logs in on real hosts, and OpenSSH's files. Throws a Refusal that names the setting and the fix. */
export async function sshLogin(
  settings: SshLogin,
  log: Pick<Log, "info">,
): Promise<{ identity: Identity; files: OpenSshPaths }> {
  const files = {
    config: fileFor(settings.configFile ?? null, "SSH_CONFIG_FILE", "config"),
    knownHosts: fileFor(settings.knownHostsFile ?? null, "SSH_KNOWN_HOSTS_FILE", "known_hosts"),
  };
  await areReadable(files);
  return { identity: await identityFor(settings, log), files };
}

async function identityFor(settings: SshLogin, log: Pick<Log, "info">): Promise<Identity> {
  const { privateKeyFile: file, agentSocket = null } = settings;
  if (file === null) {
    if (agentSocket === null) throw configError("HOSTS=ssh needs SSH_PRIVATE_KEY_FILE or SSH_AUTH_SOCK");
    return agentIdentity(agentSocket, null, log);
  }
  return reading(`SSH_PRIVATE_KEY_FILE ${file}`, async () => {
    if ((await stat(file)).size > MOST_KEY_BYTES) throw new Error("it is longer than a key");
    const text = await readFile(file, "utf8");
    if (isPublicKey(text)) {
      if (agentSocket !== null) return agentIdentity(agentSocket, text, log);
      throw configError(
        `SSH_PRIVATE_KEY_FILE ${file}: it is a public key, and there is no agent with the private one`,
        "set SSH_PRIVATE_KEY_FILE to the private key, or SSH_AUTH_SOCK to the agent's socket",
      );
    }
    const open = await exposureOf(file);
    if (open !== null) throw configError(`SSH_PRIVATE_KEY_FILE ${file}: ${open.why}`, open.fix);
    return identityOf(text, await passphraseOf(settings));
  });
}

async function passphraseOf({ passphrase = null, passphraseFile: file = null }: SshLogin): Promise<string | undefined> {
  if (file === null) return passphrase ?? undefined;
  return reading(`SSH_PRIVATE_KEY_PASSPHRASE_FILE ${file}`, async () => {
    const open = await exposureOf(file);
    if (open !== null) throw configError(`SSH_PRIVATE_KEY_PASSPHRASE_FILE ${file}: ${open.why}`, open.fix);
    if ((await stat(file)).size > MOST_KEY_BYTES) throw new Error("it is longer than a passphrase");
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  });
}

async function agentIdentity(socket: string, publicKey: string | null, log: Pick<Log, "info">): Promise<Identity> {
  const count = await keysOfAgent(socket, AGENT_LIMIT_MS);
  if (count === null) {
    throw configError(
      `SSH_AUTH_SOCK ${socket}: no SSH agent answers there`,
      "start the agent, or set SSH_PRIVATE_KEY_FILE",
    );
  }
  // A person may add the key later.
  if (count === 0) log.info("the agent of SSH_AUTH_SOCK has no key that the bot can use yet. Fix: ssh-add");
  return identityOfAgent({ socket, publicKey });
}

/** `none` turns a file off. A file that nobody named may be missing. */
function fileFor(setting: string | null, variable: string, name: string): string | null {
  if (setting === "none") return null;
  if (setting !== null) {
    if (existsSync(setting)) return setting;
    throw configError(`${variable} ${setting} does not exist`, `correct ${variable}, or set it to none`);
  }
  const usual = join(homedir(), ".ssh", name);
  return existsSync(usual) ? usual : null;
}

/** What can't be used is said at the start, and not at the first connection. */
async function areReadable(paths: OpenSshPaths): Promise<void> {
  const files = new OpenSshFiles(paths);
  try {
    await files.settingsOf("localhost");
    await files.knownHosts();
  } catch (error) {
    throw configError(messageOf(error), "correct the file, or set SSH_CONFIG_FILE or SSH_KNOWN_HOSTS_FILE to none");
  }
}

async function reading<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw configError(`${what}: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
