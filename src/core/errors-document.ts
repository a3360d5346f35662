import { errorCodes } from "./error-codes.ts";

/** docs/ERRORS.md: every code with its meaning and its general fix, in alphabetical order. */
export function errorsDocument(): string {
  const rows = Object.entries(errorCodes)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([code, { meaning, fix }]) => `| \`${code}\` | ${meaning} | ${fix} |`);
  return [
    "# Errors",
    "",
    "An error has a code, its object, its reasons and a fix. Its own fix names the object and is better than the general one here.",
    "If an error has several reasons, it has the code of the gravest one. A bug of the bot has no code but an id, and the bot's log has its details.",
    "",
    "```",
    "LUN_IN_USE  LUN …bbe00a can't be added to cluster-1",
    "• open on sharedblock-host2 by VM vm-db (disk sda)",
    "Fix: detach it from vm-db, then send the command again",
    "```",
    "",
    "`npm run errors` writes this page from `src/core/error-codes.ts`.",
    "",
    "| code | meaning | general fix |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
