import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CommandOutput,
  type Gathered,
  type HostCommand,
  inOlderForm,
  isPassing,
  lacksOption,
  type Reads,
} from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { type Outcome, refused, unknown } from "../core/outcome.ts";
import type { Hosts, Log } from "../flow/ports.ts";
import { ConnectFailed, hostKeyOf } from "./connect.ts";
import type { Executed } from "./exec.ts";
import type { HostSession } from "./host-session.ts";
import { identityOf } from "./keys.ts";
import { outcomeOf } from "./outcome-of.ts";
import { WaitedTooLong } from "./queue.ts";
import { openSessionPool } from "./session-pool.ts";
import { secondsOf, unwire, wireLine } from "./wire.ts";

export interface SshHosts extends Hosts {
  /** Ends all connections; what runs on them becomes unknown. */
  close(): Promise<void>;
}
export interface SshOptions {
  /** The text of the key file. */
  readonly privateKey: string;
  readonly connectTimeoutMs?: number;
  readonly log?: Pick<Log, "info">;
}

const marginMs = 10_000;
const waitLimitMs = 120_000;

/** Hosts over SSH, one kept connection each. Throws where the private key can't be used. */
export function openSshHosts({ privateKey, connectTimeoutMs = 10_000, log }: SshOptions): SshHosts {
  const sessions = openSessionPool(identityOf(privateKey), connectTimeoutMs, (message) => log?.info(message));
  return {
    gather: (host, reads) => gather(sessions.of(host), host, reads),
    async run<T>(host: Host, command: HostCommand<T>) {
      const [outcome] = await ask(sessions.of(host), host, [command]);
      // Each command has its own outcome, which the type of a list can't say.
      return outcome as Outcome<T>;
    },
    hostKeyOf: (address, port) => hostKeyOf(address, port, connectTimeoutMs),
    close: async () => sessions.close(),
  };
}

async function gather<R extends Reads>(session: HostSession, host: Host, reads: R): Promise<Gathered<R>> {
  // One round trip has one standard input, so a read that needs it goes alone.
  const [alone, together] = [true, false].map((has) =>
    Object.entries(reads).filter(([, read]) => (read.stdin !== undefined) === has),
  );
  const trips = [together ?? [], ...(alone ?? []).map((entry) => [entry])].filter((trip) => trip.length > 0);
  const gathered = trips.map(async (trip) => {
    const outcomes = await ask(
      session,
      host,
      trip.map(([, read]) => read),
    );
    return trip.map(([name], index) => [name, outcomes[index]] as const);
  });
  // Each name has the outcome of its own read, which the type of an entry list can't say.
  return Object.fromEntries((await Promise.all(gathered)).flat()) as Gathered<R>;
}

/** One outcome for each command, in order. A read whose trouble passes by itself is made again. */
async function ask(
  session: HostSession,
  host: Host,
  commands: readonly HostCommand<unknown>[],
  mostRuns = 5,
): Promise<readonly Outcome[]> {
  const outcomes = await askOnce(session, host, commands);
  const passing = outcomes.map((outcome, index) => {
    const command = commands[index];
    return command?.effect === "read" && isPassing(command, outcome) ? command : null;
  });
  const again = passing.filter((command) => command !== null);
  if (again.length === 0 || mostRuns === 1) return outcomes;
  // Not the same time for two that were in each other's way.
  await sleep(100 + Math.random() * 400);
  const answers = await ask(session, host, again, mostRuns - 1);
  return outcomes.map((outcome, index) => {
    const command = passing[index];
    return (command && answers[again.indexOf(command)]) ?? outcome;
  });
}

/** What a program is too old for is asked once more, in its older form. */
async function askOnce(
  session: HostSession,
  host: Host,
  commands: readonly HostCommand<unknown>[],
): Promise<readonly Outcome[]> {
  const asked = commands.map((command) => (session.isOld(command.argv[0]) ? inOlderForm(command) : null) ?? command);
  const { outputs, lost } = await exchange(session, host, asked);
  const again = asked.map((command, index) => {
    const { exitCode = 0, stderr = "" } = outputs[index] ?? {};
    return exitCode !== 0 && lacksOption(stderr) ? inOlderForm(command) : null;
  });
  const older = again.filter((command) => command !== null);
  for (const command of older) session.rememberOld(command.argv[0]);
  const answers = older.length === 0 ? [] : await askOnce(session, host, older);
  return asked.map((command, index) => {
    const other = again[index];
    const output = outputs[index];
    if (other) return answers[older.indexOf(other)] ?? lost(other);
    return output ? outcomeOf(command, output, host.user) : lost(command);
  });
}

interface Exchange {
  /** In order; null where the end was not seen. */
  readonly outputs: readonly (CommandOutput | null)[];
  /** What to say of such a command. */
  lost(command: HostCommand<unknown>): Outcome<never>;
}

/** Sends commands in one line. A line with a change is never sent a second time where the first may have arrived. */
async function exchange(
  session: HostSession,
  host: Host,
  commands: readonly HostCommand<unknown>[],
): Promise<Exchange> {
  const mark = `--${randomUUID()}--`;
  const line = wireLine(commands, host.user, mark);
  const limitMs = commands.reduce((sum, command) => sum + secondsOf(command) * 1000, marginMs);
  const changes = commands.some((command) => command.effect !== "read");
  const attempt = () => session.execute(line, commands[0]?.stdin, limitMs);
  let executed: Executed;
  try {
    executed = await session.inTurn(async () => {
      const first = await attempt();
      // A kept connection may have died unnoticed; the session makes a new one.
      return first.kind === "not started" && (first.certain || !changes) ? attempt() : first;
    }, waitLimitMs);
  } catch (error) {
    return notRun(changes, error);
  }
  if (executed.kind === "not started") {
    if (executed.certain) return notRun(changes, new ConnectFailed(executed.reason));
    const { reason } = executed;
    return { outputs: [], lost: ({ argv }) => unknown(`whether ${argv[0]} ran is not known: ${reason}`) };
  }
  const end = executed;
  const outputs = unwire(executed.stdout, executed.stderr, mark, commands.length);
  return {
    outputs,
    lost: ({ argv }) => unknown(`the end of ${argv[0]} was not seen: ${reasonOfEnd(end, host.user)}`),
  };
}

/** Reads that could not be made leave their answers unknown; of a change that was never sent we know that it was not made. */
function notRun(changes: boolean, error: unknown): Exchange {
  if (!(error instanceof ConnectFailed || error instanceof WaitedTooLong)) throw error;
  const reason =
    error instanceof ConnectFailed ? error.message : `other commands kept the host busy for ${waitLimitMs / 1000} s`;
  return { outputs: [], lost: () => (changes ? refused(`${reason}; nothing was run`) : unknown(reason)) };
}

/** `This account is currently not available.` is what a login shell that lets nobody in prints. */
function reasonOfEnd({ cut, exitCode, stdout, stderr }: Extract<Executed, { kind: "started" }>, user: string): string {
  if (cut !== null) return cut;
  const said = `${stderr}\n${stdout}`.split("\n").find((text) => text.trim() !== "");
  return `the login shell of ${user} ended with exit code ${exitCode}${said ? `: ${said.trim().slice(0, 200)}` : ""}`;
}
