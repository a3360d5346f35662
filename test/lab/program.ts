import { spawn } from "node:child_process";

// After a plain su, root's PATH has no sbin. Most of these programs are there.
process.env.PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Runs a program to its end. Resolves to what it printed; rejects with its error text. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error) => reject(new Error(`${program} could not be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      const printed = Buffer.concat(stdout).toString("utf8");
      if (code === 0) return resolve(printed);
      const said = `${Buffer.concat(stderr).toString("utf8")}\n${printed}`.trim().split("\n").slice(-12).join("\n");
      reject(new Error(`${[program, ...args].join(" ").slice(0, 300)} ended with ${code ?? signal}:\n${said}`));
    });
  });
}
