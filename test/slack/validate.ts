import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import { z } from "zod";

/**
 * `npm run slack:validate [URL] [FOLDER…]`: sends every golden file to Slack's blocks.validate, which needs no token.
 * Prints a line for each file. Uses the proxy of HTTPS_PROXY. Ends with 1 if a file is refused, and with 2 if Slack
 * can't be reached.
 */

const answer = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  errors: z.array(z.looseObject({ pointer: z.string().default(""), message: z.string().default("") })).optional(),
});
const golden = z.union([z.strictObject({ message: z.unknown() }), z.strictObject({ view: z.unknown() })]);
/** The errors of a form's fields, and the options of a menu. Slack has no method that checks them. */
const ofFields = z.union([
  z.strictObject({ errors: z.record(z.string(), z.string()) }),
  z.strictObject({ options: z.array(z.unknown()) }),
]);

const MOST_TRIES = 10;

const [given = process.env.SLACK_API_URL ?? "https://slack.com/api/", ...chosen] = process.argv.slice(2);
const folders =
  chosen.length > 0 ? chosen : [join(import.meta.dirname, "golden"), join(import.meta.dirname, "../watch/golden")];
const url = given.endsWith("blocks.validate") ? given : `${given.replace(/\/$/, "")}/blocks.validate`;

const dispatcher = new EnvHttpProxyAgent({ proxyTunnel: true });

/** Slack's verdict, or null if it takes the file. */
async function refusalOf(content: z.output<typeof golden>): Promise<string | null> {
  const body = new URLSearchParams(Object.entries(content).map(([kind, value]) => [kind, JSON.stringify(value)]));
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(url, { method: "POST", body, dispatcher });
    if (response.status === 429 && tries < MOST_TRIES) {
      await sleep(Number(response.headers.get("retry-after") ?? 1) * 1000);
      continue;
    }
    const text = await response.text();
    const parsed = answer.safeParse(parsedJson(text));
    if (!parsed.success) throw new Error(`it answers with the status ${response.status} and no JSON of Slack's`);
    const { ok, error = "no error", errors = [] } = parsed.data;
    if (ok) return null;
    if (error === "unknown_method") throw new Error("it does not know blocks.validate");
    return [error, ...errors.map(({ pointer, message }) => `${pointer} ${message}`.trim())].join("; ");
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `ECONNREFUSED` says more than "fetch failed". */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || String("code" in cause ? cause.code : cause.name) : error.message;
};

const filesIn = async (folder: string) => (await readdir(folder)).sort().map((name) => ({ name, folder }));
const files = (await Promise.all(folders.map(filesIn))).flat().filter(({ name }) => name.endsWith(".json"));
let refused = 0;
let asked = 0;
for (const { name, folder } of files) {
  const json = JSON.parse(await readFile(join(folder, name), "utf8"));
  if (ofFields.safeParse(json).success) {
    console.log(`not sent ${name}: it has the errors of a form's fields, which no method of Slack checks`);
    continue;
  }
  const content = golden.parse(json);
  asked += 1;
  try {
    const refusal = await refusalOf(content);
    if (refusal !== null) refused += 1;
    console.log(refusal === null ? `ok       ${name}` : `refused  ${name}: ${refusal}`);
  } catch (error) {
    console.error(
      `${url} can't be asked: ${reasonOf(error)}. ${name} and what follows were not validated. Run this where Slack can be reached.`,
    );
    process.exit(2);
  }
}
console.log(`${asked - refused} of ${asked} files are taken by ${url}`);
process.exitCode = refused === 0 && asked > 0 ? 0 : 1;
