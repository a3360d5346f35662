import { knownCommands, nothing, type Parsed, parseOutput } from "./parse-output.ts";

/** More than any of these tools prints on a host with thousands of paths. Each tool has its own lower limit. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The line that a person types to run this program. */
type LineToType = (args: string) => string;

const usage = (lineToType: LineToType) => `Usage: ${lineToType("'COMMAND'")} < OUTPUT
Known commands:
${knownCommands.map((name) => `  ${name}`).join("\n")}
`;

/** 0: an object with what was understood, or the list; 2: a command that is not known, or an implausible input. */
async function parse(args: readonly string[], lineToType: LineToType): Promise<number> {
  const command = args.join(" ").trim();
  if (command === "") {
    process.stdout.write(usage(lineToType));
    return 0;
  }
  if (parseOutput(command, "") === null) {
    process.stderr.write(`${command} is not a command with a known output. ${usage(lineToType)}`);
    print(nothing(command, { line: command, why: "the output of this command is not known" }));
    return 2;
  }
  const output = await standardInput();
  if (output === null) {
    const why = `the input is larger than ${MOST_BYTES / 1024 / 1024} MiB: no such tool prints as much`;
    process.stderr.write(`${why}\n`);
    print(nothing(command, { line: "", why }));
    return 2;
  }
  print(parsed(command, output));
  return 0;
}

function parsed(command: string, output: string): Parsed {
  try {
    return parseOutput(command, output) ?? nothing(command, { line: command, why: "not known" });
  } catch (error) {
    return nothing(command, { line: "", why: `this is a bug of the parser: ${String(error)}` });
  }
}

const print = (object: Parsed): void => void process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);

/** null above the limit. */
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

export async function parseProgram(args: readonly string[], lineToType: LineToType): Promise<void> {
  process.exitCode = await parse(args, lineToType);
}
