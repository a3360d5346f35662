import packageJson from "../package.json" with { type: "json" };
import { lineToType, type ProgramName } from "./line-to-type.ts";

interface Program {
  readonly usage: string;
  readonly load: () => Promise<(args: readonly string[], lineToType: (args: string) => string) => Promise<void>>;
}

/** Each program loads only its own part. */
const programs: Readonly<Record<ProgramName, Program>> = {
  start: {
    usage: "start                           start the bot",
    load: async () => (await import("./main.ts")).startProgram,
  },
  say: {
    usage:
      'say "COMMAND" [--yes]           run one command in the terminal; --folder FOLDER: for its files; --break-glass "WHY": while Slack is away',
    load: async () => (await import("./terminal/say.ts")).sayProgram,
  },
  san: {
    usage: "san [WORDS]                     break the simulated SAN, or restore it",
    load: async () => (await import("./terminal/san.ts")).sanProgram,
  },
  parse: {
    usage: "parse 'HOST-COMMAND' < OUTPUT   print what the bot understands of a host tool's output",
    load: async () => (await import("./parse/parse.ts")).parseProgram,
  },
  "audit verify": {
    usage: "audit verify [FILE] [--anchor N:HASH]   check the audit log",
    load: async () => (await import("./store/verify-audit.ts")).verifyAuditProgram,
  },
  "audit begin": {
    usage: 'audit begin "WHY"               begin a new audit log',
    load: async () => (await import("./begin-audit.ts")).beginAuditProgram,
  },
};

const USAGE = `Usage: zstack-chatops PROGRAM
${Object.values(programs)
  .map(({ usage }) => `  ${usage}`)
  .join("\n")}
  --version

The settings are environment variables, or a file .env in the current folder.
`;

async function cli(args: readonly string[]): Promise<void> {
  if (args[0] === "--version") return void process.stdout.write(`${packageJson.version}\n`);
  if (args.length === 0 || args[0] === "--help" || args[0] === "help") return void process.stdout.write(USAGE);
  const length = args[0] === "audit" ? 2 : 1;
  const name = args.slice(0, length).join(" ");
  if (!isProgram(name)) {
    process.stderr.write(`${JSON.stringify(name)} is not a program of zstack-chatops.\n${USAGE}`);
    process.exit(1);
  }
  const run = await programs[name].load();
  await run(args.slice(length), (given) => lineToType(name, given));
}

const isProgram = (name: string): name is ProgramName => Object.hasOwn(programs, name);

await cli(process.argv.slice(2));
