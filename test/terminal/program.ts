import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsOf, type Program } from "../programs.ts";

/** A folder that has no data yet. */
export const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "zstack-say-"));

/** A program of the bot, started in an empty folder. It has only these settings, and no standard input. */
export async function started(program: Program, args: string[], env: Record<string, string>, folder?: string) {
  const cwd = folder ?? (await newDirectory());
  const settings = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", ...env };
  const options = { cwd, env: settings, stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"] };
  return spawn(process.execPath, [...argumentsOf(program), ...args], options);
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

export const run = async (...program: Parameters<typeof started>): Promise<Ended> => ended(await started(...program));
