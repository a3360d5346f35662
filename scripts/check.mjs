// @ts-check
// Types, Biome and the fast tests side by side. What fails is printed last. Types and Biome print nothing else.
import { spawn } from "node:child_process";

/**
 * What it printed if it failed, or null.
 * @param {"pipe" | "inherit"} stdio
 * @param {string[]} args
 * @returns {Promise<string | null>}
 */
async function failureOf(stdio, ...args) {
  const child = spawn("npm", ["exec", "--no", "--", ...args], { stdio: ["ignore", stdio, stdio] });
  /** @type {Buffer[]} */
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => printed.push(data));
  /** @type {number | null} */
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return code === 0 ? null : Buffer.concat(printed).toString();
}

const failures = await Promise.all([
  failureOf("pipe", "tsc"),
  failureOf("pipe", "biome", "check", "."),
  failureOf("inherit", "vitest", "run", "--config", "test/check.config.ts", ...process.argv.slice(2)),
]);
for (const failure of failures) process.stdout.write(failure ?? "");
if (failures.some((failure) => failure !== null)) process.exitCode = 1;
