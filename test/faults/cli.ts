import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Bundle, bundleInto } from "./bundle.ts";
import { notYet } from "./faults.ts";
import { WAITS_FOR } from "./waits.ts";

const usage = `npm run test:faults [-- [--seeds N] [--from N] [--at-once N] | --seed N [--verbose] [--keep]] [--watch] [--calm]
200 runs, each a story with faults that its seed chooses; after each the oracle reads hosts, channel, inventory and log.
In two of three stories people have roles: they approve, reject, freeze, stop, grant and revoke, with the role and without.
--seed N runs one alone; --verbose prints it line by line; --keep leaves its data folder.
--watch lets the bot watch the hosts, and fails for an incident that nothing in the story explains. Each run takes 2 minutes
more, most of them idle. --calm leaves the faults out.`;

/** Time until a killed process is gone. */
const GONE_MS = 300;
/** A run that takes longer is counted as endless. */
const LIMIT_MS = 30 * 60_000;

const verdictSchema = z.looseObject({
  seed: z.int(),
  beginning: z.string(),
  acts: z.array(z.string()),
  faults: z.array(z.string()),
  problems: z.array(z.string()),
  counted: z.record(z.string(), z.number()),
  cpuMs: z.number(),
  wallMs: z.number(),
});
type Verdict = z.output<typeof verdictSchema>;

const number = (text: string, least: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`${text} must be a whole number from ${least} up\n${usage}`);
  return value;
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string", default: "200" },
      from: { type: "string", default: "1" },
      "at-once": { type: "string", default: String(2 * availableParallelism()) },
      verbose: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      watch: { type: "boolean", default: false },
      calm: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const from = number(values.seed ?? values.from, 0);
  const count = values.seed === undefined ? number(values.seeds, 1) : 1;
  const root = await mkdtemp(join(tmpdir(), "zstack-faults-"));
  const running = new Set<() => void>();
  const tidy = () => {
    for (const kill of running) kill();
    if (!values.keep) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      for (const kill of running) kill();
      // A killed process may still be writing.
      setTimeout(() => {
        tidy();
        process.exit(130);
      }, GONE_MS);
    });
  }
  try {
    const bundle = await bundleInto(join(root, "bundle"));
    return await runs(
      {
        ...{ root, bundle, from, count, runToEnd: number(values["at-once"], 1) },
        words: (["verbose", "watch", "calm"] as const).filter((word) => values[word]),
      },
      running,
    );
  } finally {
    tidy();
    if (values.keep) process.stdout.write(`Kept: ${root}\n`);
  }
}

interface Runs {
  readonly root: string;
  readonly bundle: Bundle;
  readonly from: number;
  readonly count: number;
  readonly runToEnd: number;
  /** The options of `one-seed.ts`. */
  readonly words: readonly string[];
}

async function runs({ root, bundle, from, count, runToEnd, words }: Runs, running: Set<() => void>): Promise<number> {
  let next = from;
  let passed = 0;
  const failed: number[] = [];
  const counted = new Map<string, number>();
  const worker = async () => {
    while (next < from + count) {
      const seed = next;
      next += 1;
      const verdict = await runOf(seed, root, bundle, words, running);
      for (const [what, times] of Object.entries(verdict.counted)) counted.set(what, (counted.get(what) ?? 0) + times);
      if (verdict.problems.length === 0) passed += 1;
      else failed.push(seed);
      process.stdout.write(lineOf(verdict));
    }
  };
  await Promise.all(Array.from({ length: Math.min(runToEnd, count) }, worker));
  const counts = [...counted].sort().map(([what, times]) => `${what} ${times}`);
  process.stdout.write(`What there was: ${counts.join(", ")}\n`);
  if (notYet.length > 0)
    process.stdout.write(`Left out, because the bot is known not to handle it yet: ${notYet.join(", ")}\n`);
  if (failed.length > 0) {
    const more = words.map((word) => (word === "verbose" ? "" : ` --${word}`)).join("");
    const alone = failed
      .sort((left, right) => left - right)
      .map((seed) => `npm run test:faults -- --seed ${seed}${more}`);
    process.stdout.write(`Failed; each runs alone:\n${alone.join("\n")}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed.length} failed\n`);
  return failed.length === 0 ? 0 : 1;
}

function lineOf({ seed, beginning, acts, faults, problems, cpuMs, wallMs }: Verdict): string {
  const time = `${(wallMs / 1000).toFixed(1)} s, ${(cpuMs / 1000).toFixed(1)} s CPU`;
  if (problems.length === 0)
    return `seed ${seed}: as promised (${acts.length} acts, ${faults.length} faults, ${time})\n`;
  const schedule = [`begins with ${beginning}`, ...acts, ...faults.map((fault) => `⚡ ${fault}`)];
  return [
    `seed ${seed}: FAILED (${time})`,
    ...schedule.map((line) => `    ${line}`),
    ...problems.map((line) => `  ✗ ${line}`),
    "",
  ].join("\n");
}

/** Runs one seed in its own process group, so that the whole group can be ended. */
async function runOf(
  seed: number,
  root: string,
  { oneSeed, bot, disk }: Bundle,
  words: readonly string[],
  running: Set<() => void>,
): Promise<Verdict> {
  const directory = join(root, `seed-${seed}`);
  await mkdir(directory, { mode: 0o700 });
  const beganAt = Date.now();
  const child = spawn(process.execPath, [oneSeed, String(seed), directory, bot, disk, ...words], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: directory },
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The whole group has already ended.
    }
  };
  running.add(kill);
  let isEndless = false;
  const limit = setTimeout(() => {
    isEndless = true;
    kill();
  }, LIMIT_MS);
  let said = "";
  let complained = "";
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
    if (words.includes("verbose")) process.stdout.write(String(chunk).replaceAll(/^\{"seed".*\n/gm, ""));
  });
  child.stderr.on("data", (chunk) => {
    complained += String(chunk);
  });
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(limit);
  kill();
  running.delete(kill);
  const verdict = verdictSchema.safeParse(jsonOf(said.trimEnd().split("\n").at(-1) ?? ""));
  const none = {
    seed,
    beginning: "nothing",
    acts: [],
    faults: [],
    counted: {},
    cpuMs: 0,
    wallMs: Date.now() - beganAt,
  };
  if (!verdict.success) {
    const waits = said.split("\n").filter((line) => line.startsWith(WAITS_FOR));
    // The last ones: a fault and the story may wait at one time.
    const waited = waits.length === 0 ? "it waited for nothing" : waits.slice(-3).join("\n");
    const limit = isEndless ? `it did not end within ${LIMIT_MS / 60_000} min; ` : "";
    return { ...none, problems: [`the run itself broke off: ${limit}${waited}\n${complained.slice(-3000)}`] };
  }
  if (verdict.data.problems.length === 0 && !process.argv.includes("--keep"))
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  return verdict.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  },
);
