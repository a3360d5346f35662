import { knownCommands, parseOutput } from "./parse-output.ts";

/** More than any of these tools prints on a host with thousands of paths. */
const MOST_BYTES = 64 * 1024 * 1024;

const USAGE = `Usage: npm run --silent parse -- 'COMMAND' < what it printed
Known commands:
${knownCommands.map((name) => `  ${name}`).join("\n")}
`;

/** The exit code: 0 where an object, or the list, was printed. */
async function main(): Promise<number> {
  const command = process.argv.slice(2).join(" ").trim();
  if (command === "") {
    process.stdout.write(USAGE);
    return 0;
  }
  const known = parseOutput(command, "");
  if (known === null) {
    process.stderr.write(`${command} is not a command whose output is known. ${USAGE}`);
    return 2;
  }
  const output = await standardInput();
  if (output === null) {
    process.stderr.write(`The input is larger than ${MOST_BYTES / 1024 / 1024} MiB: no such tool prints as much.\n`);
    return 2;
  }
  process.stdout.write(`${JSON.stringify(parseOutput(command, output), null, 2)}\n`);
  return 0;
}

/** null beyond the limit. */
async function standardInput(): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString("utf8");
}

process.exitCode = await main();
