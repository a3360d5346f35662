import { NodeSSH } from "node-ssh";
import type { ClientChannel } from "ssh2";
import type { CommandOutput, HostCommand } from "../../src/core/host-command.ts";
import type { SimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { outputsOf, shellScript } from "../../src/ssh/shell-script.ts";

const mark = "mark-5d41402a";

/** What a line that runs on has printed so far. */
export interface Stream {
  readonly text: string;
  /** Resolves once the text matches; rejects if the line ends before. */
  prints(pattern: RegExp): Promise<void>;
  signal(name: "TERM" | "INT"): void;
  /** The reader goes; the connection stays. */
  close(): void;
  /** The exit code; null if the connection was lost before. */
  readonly ended: Promise<number | null>;
}

/** A login to a simulated host through node-ssh, and commands as the bot sends them. */
export interface Login {
  /** null where the connection was cut before the command's end was seen. */
  outputs(...commands: readonly (readonly [string, ...string[]])[]): Promise<(CommandOutput | null)[]>;
  run(argv: readonly [string, ...string[]], more?: { stdin?: string; timeoutMs?: number }): Promise<CommandOutput>;
  /** What the line prints that is sent as it is. */
  line(text: string): Promise<{ stdout: string; stderr: string; code: number | null }>;
  ask<T>(command: HostCommand<T>): Promise<T>;
  /** Starts a line that prints until it is ended. */
  stream(line: string): Promise<Stream>;
  close(): void;
}

export async function logIn(san: SimulatedHosts, name: string): Promise<Login> {
  const host = san.hosts.find((one) => one.name === name);
  if (!host) throw new Error(`no host ${name}`);
  const ssh = new NodeSSH();
  await ssh.connect({
    host: host.address,
    port: host.port,
    username: host.user,
    privateKey: san.privateKey,
    readyTimeout: 3_000,
  });
  // Each exec under way listens for errors.
  ssh.connection?.setMaxListeners(20).on("error", () => {});
  const send = async (commands: readonly HostCommand<unknown>[], stdin: string | undefined) => {
    const options = { noTrim: true, ...(stdin === undefined ? {} : { stdin }) };
    const { stdout, stderr } = await ssh.execCommand(shellScript(commands, host.user, mark), options);
    return outputsOf(stdout, stderr, mark, commands.length);
  };
  const only = (outputs: (CommandOutput | null)[]): CommandOutput => {
    const [output] = outputs;
    if (!output) throw new Error("the command's end was not seen");
    return output;
  };
  return {
    outputs: (...commands) =>
      send(
        commands.map((argv) => plain(argv)),
        undefined,
      ),
    run: async (argv, more = {}) => only(await send([plain(argv, more.timeoutMs)], more.stdin)),
    line: async (text) => {
      const { stdout, stderr, code } = await ssh.execCommand(text, { noTrim: true });
      return { stdout, stderr, code };
    },
    stream: (line) => streamOf(ssh, line),
    ask: async (command) => command.parse(only(await send([command], command.stdin))),
    close: () => ssh.dispose(),
  };
}

async function streamOf(ssh: NodeSSH, line: string): Promise<Stream> {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    if (!ssh.connection) throw new Error("the connection is closed");
    ssh.connection.exec(line, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  let text = "";
  let exitCode: number | null = null;
  const waiting = new Set<() => void>();
  channel.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
    for (const check of waiting) check();
  });
  channel.on("exit", (code: number | null) => {
    exitCode = code;
  });
  let complaint = "";
  channel.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => channel.on("close", () => resolve(exitCode)));
  return {
    get text() {
      return text;
    },
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        void ended.then(() => reject(new Error(`it ended with ${exitCode}: ${text}${complaint}`)));
        const check = () => {
          if (!pattern.test(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    signal: (name) => channel.signal(name),
    close: () => channel.close(),
    ended,
  };
}

const plain = (argv: readonly [string, ...string[]], timeoutMs = 10_000): HostCommand<null> => ({
  effect: "read",
  argv,
  timeoutMs,
  exitCodes: [0],
  parse: () => null,
});

/** What the bot writes before it creates a shared volume group. */
export async function prepareLocking(login: Login, hostId: number): Promise<void> {
  const stdin = `local {\n\thost_id = ${hostId}\n}\nglobal {\n\tuse_lvmlockd = 1\n}\n`;
  await login.run(["tee", "--", "/etc/lvm/lvmlocal.conf"], { stdin });
  await login.run(["systemctl", "enable", "--now", "--", "sanlock.service", "lvmlockd.service"]);
}

export const byId = (wwid: string): string => `/dev/disk/by-id/dm-uuid-mpath-${wwid}`;
