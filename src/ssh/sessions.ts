import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CommandOutput,
  fallbackCommand,
  type Gathered,
  type HostCommand,
  isTransientFailure,
  lacksOption,
  type Reads,
} from "../core/host-command.ts";
import type { Host } from "../core/inventory.ts";
import { late, type Outcome, refused, unknown } from "../core/outcome.ts";
import { yieldToOthers } from "../core/parts.ts";
import type { Hosts, Log, ReadOptions } from "../flow/ports.ts";
import { Connector } from "./connect.ts";
import { Deadline, DeadlineExceeded } from "./deadline.ts";
import type { Executed } from "./exec.ts";
import { helperRequest } from "./helper-request.ts";
import type { HostSession } from "./host-session.ts";
import { keptStream } from "./kept-stream.ts";
import type { Identity } from "./keys.ts";
import { ConnectFailed } from "./log-in.ts";
import { OpenSshFiles, type OpenSshPaths } from "./openssh-files.ts";
import { implausible, limitsOf } from "./output-limits.ts";
import { QueueTimeout } from "./queue.ts";
import { askRootWay } from "./root-way.ts";
import { openSessionPool } from "./session-pool.ts";
import { SharedAnswers } from "./shared-answers.ts";
import { helperScript, longestSecondsOf, outputsOf, ranNothing, shellScript } from "./shell-script.ts";

export interface SshHosts extends Hosts {
  /** Ends all connections; their running lines become unknown. */
  close(): Promise<void>;
}
interface SshOptions {
  readonly identity: Identity;
  /** By default OpenSSH's files are not read. */
  readonly files?: OpenSshPaths;
  readonly connectTimeoutMs?: number;
  readonly log?: Pick<Log, "info">;
}

const NO_FILES: OpenSshPaths = { config: null, knownHosts: null };
const marginMs = 10_000;
const waitLimitMs = 120_000;

/** Hosts over SSH, one kept connection each. */
export function openSshHosts({ identity, files = NO_FILES, connectTimeoutMs = 10_000, log }: SshOptions): SshHosts {
  const connector = new Connector(identity, new OpenSshFiles(files), connectTimeoutMs);
  const sessions = openSessionPool(connector, (message) => log?.info(message));
  const shared = new SharedAnswers();
  const asker = (host: Host, options: ReadOptions, isStep = false) =>
    new Asker(sessions.of(host), host, new Deadline(options), shared, isStep);
  return {
    gather: (host, reads, options = forOperation) => gather(asker(host, options), reads),
    async run<T>(host: Host, command: HostCommand<T>) {
      const changes = command.effect !== "read";
      // A query during or after a change must not get an answer from before it.
      if (changes) shared.forget();
      const [outcome] = await asker(host, forOperation, true).ask([command]);
      if (changes) shared.forget();
      // Each command has its own outcome; the type of a list can't express it.
      return outcome as Outcome<T>;
    },
    stream: (host, argv, reader) => keptStream(sessions.of(host), argv, reader),
    presentedBy: (asked) => connector.presentedBy(asked),
    close: async () => sessions.close(),
  };
}

const forOperation: ReadOptions = { urgency: "operation", mayShare: false, withinMs: null };

async function gather<R extends Reads>(asker: Asker, reads: R): Promise<Gathered<R>> {
  // One round trip has one standard input, so a read that needs it goes alone.
  const [alone, together] = [true, false].map((has) =>
    Object.entries(reads).filter(([, read]) => (read.stdin !== undefined) === has),
  );
  const trips = [together ?? [], ...(alone ?? []).map((entry) => [entry])].filter((trip) => trip.length > 0);
  const gathered = trips.map(async (trip) => {
    const outcomes = await asker.ask(trip.map(([, read]) => read));
    return trip.map(([name], index) => [name, outcomes[index]] as const);
  });
  // Each name has the outcome of its own read; the type of an entry list can't express it.
  return Object.fromEntries((await Promise.all(gathered)).flat()) as Gathered<R>;
}

type Commands = readonly HostCommand<unknown>[];

/** Asks one host for one purpose. */
class Asker {
  readonly #session: HostSession;
  readonly #host: Host;
  readonly #deadline: Deadline;
  readonly #shared: SharedAnswers;
  /** For the audit log: the beginning of what a step prints is kept. */
  readonly #isStep: boolean;

  constructor(session: HostSession, host: Host, deadline: Deadline, shared: SharedAnswers, isStep: boolean) {
    this.#session = session;
    this.#host = host;
    this.#deadline = deadline;
    this.#shared = shared;
    this.#isStep = isStep;
  }

  /** One outcome for each command, in order. A read with a transient failure runs again. */
  async ask(commands: Commands, mostRuns = 5): Promise<readonly Outcome[]> {
    const outcomes = await this.#askOnce(commands);
    const passing = outcomes.map((outcome, index) => {
      const command = commands[index];
      return command?.effect === "read" && isTransientFailure(command, outcome) ? command : null;
    });
    const again = passing.filter((command) => command !== null);
    // A different time for two runs that disturbed each other.
    const pauseMs = 100 + Math.random() * 400;
    if (again.length === 0 || mostRuns === 1 || this.#deadline.leftMs <= pauseMs) return outcomes;
    await sleep(pauseMs);
    const answers = await this.ask(again, mostRuns - 1);
    return outcomes.map((outcome, index) => {
      const command = passing[index];
      return (command && answers[again.indexOf(command)]) ?? outcome;
    });
  }

  /** If a program is too old for a command, its fallback runs. */
  async #askOnce(commands: Commands): Promise<readonly Outcome[]> {
    const session = this.#session;
    const asked = commands.map(
      (command) => (session.isOld(command.argv[0]) ? fallbackCommand(command) : null) ?? command,
    );
    const { outputs, lost } = await this.#exchange(asked);
    // A hundred hosts may answer together.
    await yieldToOthers();
    const again = asked.map((command, index) => {
      const { exitCode = 0, stderr = "" } = outputs[index] ?? {};
      return exitCode !== 0 && lacksOption(stderr) ? fallbackCommand(command) : null;
    });
    const older = again.filter((command) => command !== null);
    for (const command of older) session.rememberOld(command.argv[0]);
    const answers = older.length === 0 ? [] : await this.#askOnce(older);
    const outcomes: Outcome[] = [];
    for (const [index, command] of asked.entries()) {
      const other = again[index];
      const output = outputs[index];
      if (other) outcomes.push(answers[older.indexOf(other)] ?? lost(other, index));
      else
        outcomes.push(
          output ? await this.#shared.outcomeOf(command, output, this.#host.user, this.#isStep) : lost(command, index),
        );
    }
    return outcomes;
  }

  /** Equal queries at the same time share one exchange. */
  async #exchange(commands: Commands): Promise<Exchange> {
    const send = () => exchangeOnce(this.#session, this.#host, commands, this.#deadline);
    if (!this.#deadline.mayShare) return send();
    const [joined, answer] = this.#shared.answer(this.#session, commands, send);
    if (!joined) return answer;
    try {
      const exchanged = await this.#deadline.within(answer);
      // The first requester may have had less time.
      return exchanged.hurried && this.#deadline.leftMs > 0 ? this.#exchange(commands) : exchanged;
    } catch (error) {
      return notRun(false, error);
    }
  }
}

interface Exchange {
  /** In order; null if the result is lost. */
  readonly outputs: readonly (CommandOutput | null)[];
  /** Whether more time might have given more output. */
  readonly hurried: boolean;
  /** The outcome of such a command. */
  lost(command: HostCommand<unknown>, index: number): Outcome<never>;
}

/** Reads with the same arguments run once. Each takes what it needs from the one output. */
async function exchangeOnce(
  session: HostSession,
  host: Host,
  commands: Commands,
  deadline: Deadline,
): Promise<Exchange> {
  const isSame = (a: HostCommand<unknown>, b: HostCommand<unknown>): boolean =>
    a === b ||
    (a.effect === "read" &&
      b.effect === "read" &&
      a.stdin === b.stdin &&
      a.timeoutMs === b.timeoutMs &&
      a.onlyIfActive === b.onlyIfActive &&
      limitsOf(a).bytes === limitsOf(b).bytes &&
      a.argv.length === b.argv.length &&
      a.argv.every((word, index) => word === b.argv[index]));
  const places = commands.map((command) => commands.findIndex((each) => isSame(each, command)));
  const first = [...new Set(places)];
  if (first.length === commands.length) return exchange(session, host, commands, deadline);
  const sent = commands.filter((_, index) => places[index] === index);
  const { outputs, hurried, lost } = await exchange(session, host, sent, deadline);
  const sentAt = places.map((place) => first.indexOf(place));
  return {
    outputs: sentAt.map((at) => outputs[at] ?? null),
    hurried,
    lost: (command, index) => lost(command, sentAt[index] ?? index),
  };
}

/** Sends commands in one line. A line with a change is never sent again if the first one may have arrived. */
async function exchange(session: HostSession, host: Host, commands: Commands, deadline: Deadline): Promise<Exchange> {
  const mark = `--${randomUUID()}--`;
  const ownMs = commands.reduce((sum, command) => sum + longestSecondsOf(command) * 1000, marginMs);
  const limitsBytes = commands.map((command) => limitsOf(command).bytes);
  const changes = commands.some((command) => command.effect !== "read");
  const attempt = async () => {
    const sent = await requestFor(session, host, commands, mark, deadline);
    const limit = deadline.limit(ownMs, `no more output within ${Math.round(ownMs / 1000)} s`);
    return session.execute({ ...sent, limit, mark, limitsBytes }, deadline);
  };
  let executed: Executed;
  try {
    executed = await session.inTurn(
      async () => {
        const asked = session.knowsRootWay;
        const first = await attempt();
        // A kept connection may be dead; the session makes a new one.
        if (first.kind === "not started") return first.certain || !changes ? attempt() : first;
        if (host.user === "root" || !ranNothing(first.stdout, mark)) return first;
        // The root helper was installed or removed since the connection began, or what sudo allows.
        session.forgetRootWay();
        return asked ? attempt() : first;
      },
      waitLimitMs,
      deadline,
    );
  } catch (error) {
    return notRun(changes, error);
  }
  if (executed.kind === "not started") {
    if (executed.certain) return notRun(changes, new ConnectFailed(executed.reason));
    const { reason } = executed;
    const lost = ({ argv }: HostCommand<unknown>) => unknown(`we don't know whether ${argv[0]} ran: ${reason}`);
    return { outputs: [], hurried: false, lost };
  }
  const end = executed;
  const outputs = outputsOf(executed.stdout, executed.stderr, mark, commands.length);
  const cutAt = outputs.indexOf(null);
  const ended = commands[cutAt];
  const began = executed.stdout.includes(`${mark}\n`);
  return {
    outputs,
    hurried: executed.cut?.kind === "time",
    lost(command, index) {
      if (end.cut?.kind === "bytes") return implausible(ended ?? command, index === cutAt ? null : command);
      // The host's own limit would have come later.
      if (end.cut?.kind !== "time" || deadline.leftMs > 0 || !began || ended === undefined) {
        return unknown(`no result of ${command.argv[0]}: ${reasonOfEnd(end, host.user, mark)}`);
      }
      const why = `${ended.argv[0]} did not end within ${deadline.withinS} s`;
      return index === cutAt ? late(why) : unknown(`${command.argv[0]} was not read: ${why}`);
    },
  };
}

/** The line for a host, and its standard input. Without root, the root helper gets the commands if the host has it. */
async function requestFor(session: HostSession, host: Host, commands: Commands, mark: string, deadline: Deadline) {
  const way = host.user === "root" ? "shell" : await session.rootWay(() => askRootWay(session, deadline), deadline);
  return way === "helper"
    ? { text: helperScript(mark), stdin: helperRequest(commands, mark) }
    : { text: shellScript(commands, host.user, mark), stdin: commands[0]?.stdin };
}

/** Reads that did not run have unknown answers. A change that was never sent is known not to have run. */
function notRun(changes: boolean, error: unknown): Exchange {
  if (!(error instanceof ConnectFailed || error instanceof QueueTimeout || error instanceof DeadlineExceeded))
    throw error;
  const lost = () => (changes ? refused(`${error.message}; nothing was run`) : unknown(error.message));
  return { outputs: [], hurried: !(error instanceof ConnectFailed), lost };
}

/** `This account is currently not available.` is the message of a login shell that allows no login. */
function reasonOfEnd(
  { cut, exitCode, stdout, stderr }: Extract<Executed, { kind: "started" }>,
  user: string,
  mark: string,
): string {
  if (cut !== null) return cut.reason;
  const said = `${stderr}\n${stdout}`.split("\n").find((text) => text.trim() !== "" && !text.includes(mark));
  return `the login shell of ${user} ended with exit code ${exitCode}${said ? `: ${said.trim().slice(0, 200)}` : ""}`;
}
