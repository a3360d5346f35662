import { findFile, isExecutable } from "../programs/file-tree.ts";
import { isListing, programs } from "../programs/index.ts";
import type { HostRuntime } from "./host-runtime.ts";
import { hasProgram } from "./packages.ts";
import { complained, type Place, passTime, printed, type Result } from "./program.ts";
import { byRootHelper } from "./root-helper.ts";

/** The connection is gone, and with it the shell. */
export class ConnectionCut extends Error {
  override name = "ConnectionCut";
}

/** One run: its environment, and how its connection is cut. */
interface Run {
  readonly runtime: HostRuntime;
  readonly place: Place;
  readonly line: string;
  readonly cut: () => void;
  /** Runs a script, which prints by itself, and returns its exit code. */
  readonly shell: (script: string, place: Place) => Promise<number>;
}

let order = 0;

/** Runs an argv as the kernel would; `missing` is the caller's result if there is no such program. */
export async function runProgram(
  argv: readonly string[],
  run: Run,
  missing: (name: string) => Result = (name) => complained(`sh: 1: ${name}: not found\n`, 127),
): Promise<Result> {
  const [name = "", ...args] = argv;
  const { runtime, place } = run;
  if (name === "env") return runEnv(args, run);
  if (name === "timeout") return runTimeout(args, run);
  if (name === "sudo") return runSudo(args, run);
  if (name === "sh") return runShell(args, run);
  const program = programs.get(name);
  if (!program || !hasProgram(runtime.host, name) || runtime.faults.ofRun("lacks", argv)) return missing(name);

  const cut = runtime.faults.ofRun("cut during", argv);
  if (cut?.after === "before") {
    runtime.faults.remove(cut);
    run.cut();
    throw new ConnectionCut();
  }
  const turn = (await runtime.watch?.begins({ host: runtime.host.name, argv, line: run.line })) ?? null;
  // `timeout` has killed it while it waited.
  if (runtime.watch && place.signal.aborted) return complained("", 143);
  const { value: real, changed } = await runtime.san.changedBy((resume) =>
    turn?.after === "before"
      ? null
      : (faultyResult(argv, run) ?? realResult(argv, { ...run, place: { ...place, resume } }, program)),
  );
  const result = turn?.kind === "says" ? turn.says(real ?? printed("")) : real;
  if (real !== null) {
    order += 1;
    runtime.record(order, argv, real.exitCode, changed);
  }
  if (changed) await runtime.saved();
  if (cut) runtime.faults.remove(cut);
  const answered = cut || turn?.kind === "cut" ? null : result;
  await runtime.watch?.ends({ host: runtime.host.name, argv, line: run.line, real, answered, changed });
  if (answered === null) {
    run.cut();
    throw new ConnectionCut();
  }
  return runtime.faults.ofRun("hangs", argv)?.after === "effect" ? endless(place) : answered;
}

function realResult(
  argv: readonly string[],
  { runtime, place }: Run,
  program: (args: readonly string[], place: Place) => Result | Promise<Result>,
): Result | Promise<Result> {
  if (!isListing(argv)) return program(argv.slice(1), place);
  const key = `${place.root} ${JSON.stringify(argv)}`;
  const known = runtime.listed(key);
  if (known) return known;
  const result = program(argv.slice(1), place);
  if (!(result instanceof Promise)) runtime.keepListing(key, result);
  return result;
}

function faultyResult(argv: readonly string[], { runtime, place }: Run): Result | Promise<Result> | null {
  const { faults } = runtime;
  const fails = faults.ofRun("fails", argv);
  if (fails?.once) faults.remove(fails);
  if (fails) return complained(fails.stderr, fails.exitCode);
  const invalid = faults.ofRun("invalid output", argv);
  if (invalid) return printed(invalid.stdout);
  const hangs = faults.ofRun("hangs", argv);
  return hangs && hangs.after !== "effect" ? endless(place) : null;
}

/** Until it is killed. */
function endless({ signal }: Place): Promise<Result> {
  const forever = 2 ** 31 - 1;
  return passTime(forever, signal).then(() => complained("", 143));
}

/** `env [NAME=VALUE…] PROGRAM…` */
function runEnv(args: readonly string[], run: Run): Promise<Result> | Result {
  const first = args.findIndex((arg) => !/^[A-Za-z_]\w*=/.test(arg));
  const assignments = first < 0 ? args : args.slice(0, first);
  const environment: Record<string, string> = { ...run.place.environment };
  for (const one of assignments) environment[one.slice(0, one.indexOf("="))] = one.slice(one.indexOf("=") + 1);
  if (first < 0) {
    return printed(
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
  }
  return runProgram(args.slice(first), { ...run, place: { ...run.place, environment } }, (name) =>
    complained(`env: '${name}': No such file or directory\n`, 127),
  );
}

/** `timeout [--kill-after=N] SECONDS PROGRAM…`: 124 if the program did not end in time. */
async function runTimeout(args: readonly string[], run: Run): Promise<Result> {
  const rest = args[0]?.startsWith("--kill-after=") ? args.slice(1) : args;
  const [seconds, ...argv] = rest;
  const usage = "Try 'timeout --help' for more information.\n";
  if (seconds === undefined || argv.length === 0) return complained(usage, 125);
  if (!/^\d+(\.\d+)?$/.test(seconds)) return complained(`timeout: invalid time interval '${seconds}'\n${usage}`, 125);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), Math.min(Number(seconds) * 1000, 2 ** 31 - 1));
  const signal = AbortSignal.any([run.place.signal, limit.signal]);
  const ended = runProgram(argv, { ...run, place: { ...run.place, signal } }, (name) =>
    complained(`timeout: failed to run command '${name}': No such file or directory\n`, 127),
  );
  try {
    const result = await ended;
    return limit.signal.aborted ? complained("", 124) : result;
  } finally {
    clearTimeout(timer);
  }
}

/** `sudo -n PROGRAM…` */
function runSudo(args: readonly string[], run: Run): Promise<Result> | Result {
  const [option, ...argv] = args;
  if (option !== "-n" || argv.length === 0)
    return complained("usage: sudo -h | -K | -k | -V\nusage: sudo [-n] [command]\n");
  if (run.runtime.faults.find("sudo wants a password")) return complained("sudo: a password is required\n");
  if (argv[0] === ROOT_HELPER) return runHelper(argv, run);
  // sudo -n asks for no password, and says only that it needs one.
  if (run.runtime.faults.find("sudo allows only the root helper")) return complained("sudo: a password is required\n");
  return runProgram(argv, { ...run, place: { ...run.place, root: true } }, (name) =>
    complained(`sudo: ${name}: command not found\n`),
  );
}

const ROOT_HELPER = "/usr/local/sbin/zstack-chatops-run";

/** The file must be there, executable, and takes no arguments. */
async function runHelper(argv: readonly string[], run: Run): Promise<Result> {
  const { host } = run.place;
  const file = findFile(host, ROOT_HELPER);
  if (file === null || !isExecutable(host, ROOT_HELPER)) return complained(`sudo: ${ROOT_HELPER}: command not found\n`);
  if (argv.length > 1) return complained("sudo: a password is required\n");
  const does = byRootHelper(host, file.content, await run.place.stdin());
  if ("exitCode" in does) return does;
  const environment = { HOME: "/root", LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  const place = { ...run.place, root: true, environment, stdin: async () => does.stdin };
  return { ...printed(""), exitCode: await run.shell(does.script, place) };
}

/** `sh -c SCRIPT` */
async function runShell(args: readonly string[], { place, shell }: Run): Promise<Result> {
  const [option, script, ...more] = args;
  if (option !== "-c" || script === undefined || more.length > 0) return complained("sh: not simulated\n", 2);
  return { ...printed(""), exitCode: await shell(script, place) };
}
