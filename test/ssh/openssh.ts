import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const pathOf = (program: string): string | null =>
  [...(process.env.PATH ?? "").split(":"), "/usr/sbin"].map((folder) => join(folder, program)).find(existsSync) ?? null;

/** The paths of OpenSSH's programs; null: not installed, and tests that need them are skipped by name. */
export const sshKeygen = pathOf("ssh-keygen");
export const sshAgent = pathOf("ssh-agent");
export const ssh = pathOf("ssh");
export const sshd = pathOf("sshd");

interface Certified {
  /** Of the authority. */
  readonly ca: string;
  readonly key: string;
  /** The rest of ssh-keygen's options. */
  readonly options: readonly string[];
}

/** A folder with keys and certificates of ssh-keygen. Keys are named; each name is a file. */
export class KeyFolder {
  readonly folder: string;

  static async make(): Promise<KeyFolder> {
    return new KeyFolder(await mkdtemp(join(tmpdir(), "zstack-keys-")));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async newKey(name: string, type = "ed25519", passphrase = ""): Promise<string> {
    await run(sshKeygen ?? "", ["-q", "-t", type, "-N", passphrase, "-C", name, "-f", this.path(name)]);
    return name;
  }

  /** The line `ssh-ed25519 AAAA…`, without a comment. */
  async publicLine(name: string): Promise<string> {
    return (await readFile(this.path(`${name}.pub`), "utf8")).split(" ").slice(0, 2).join(" ");
  }

  async publicKey(name: string): Promise<Buffer> {
    return Buffer.from((await this.publicLine(name)).split(" ")[1] ?? "", "base64");
  }

  privateKey(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  /** The bytes of a certificate; it is also in the file `<key>-cert.pub`. */
  async certify({ ca, key, options }: Certified): Promise<Buffer> {
    const args = ["-q", "-s", this.path(ca), "-I", `id of ${key}`, ...options, this.path(`${key}.pub`)];
    await run(sshKeygen ?? "", args);
    return Buffer.from((await readFile(this.path(`${key}-cert.pub`), "utf8")).split(" ")[1] ?? "", "base64");
  }

  async writes(name: string, text: string): Promise<string> {
    await writeFile(this.path(name), text, { mode: 0o600 });
    return this.path(name);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** A running ssh-agent with some keys of a folder. */
export async function startAgent(keys: KeyFolder, names: readonly string[]) {
  const socket = keys.path("agent");
  const agent = spawn(sshAgent ?? "", ["-D", "-a", socket], { stdio: "ignore" });
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 5));
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const name of names) await run("ssh-add", ["-q", keys.path(name)], { env });
  return {
    socket,
    async stop() {
      const ended = new Promise((resolve) => agent.once("exit", resolve));
      agent.kill();
      await ended;
    },
  };
}
