import { readable } from "../../../src/core/host-command.ts";
import type { PageMessage } from "../../../src/workspace/page-protocol.ts";
import { decisionsIn, textIn } from "../../scenario/message-text.ts";
import type { Event, ProgramRun } from "../timeline.ts";

export type ProgramEvent = Event & ProgramRun;

const BOT = "U0ZSTACK";
export const isBots = ({ author }: PageMessage): boolean => author === BOT;

/** The end in the title of an operation's message. */
export const END = /: (done|failed|refused|stopped|unknown|cancelled|expired) \((op-[\w-]+)\)/;

/** Its first line. Aligned text breaks long lines, so its first paragraph. */
export const titleOf = (message: PageMessage): string => {
  const text = textIn(message);
  const aligned = /^```\n[✓✗!]? ?([\s\S]*?)\n\n/.exec(text);
  return aligned === null ? (text.split("\n")[0] ?? "") : (aligned[1] ?? "").replaceAll(/\s+/g, " ");
};

/** Whether the message is about this command, and does not only name it as the next one. */
export const isAbout = (message: PageMessage, words: string): boolean => {
  const text = textIn(message);
  const [, asked] = /Asked by\s+\S+(?: \(in a terminal\))?\s*:\s*([\s\S]*)/.exec(text) ?? [];
  return asked?.startsWith(words) === true;
};

/** What the bot posts by itself about its audit log: the key at its first start, and the daily head. */
export const isUnasked = (message: PageMessage): boolean =>
  /^The audit log (is signed with|has \d+ entr)/.test(titleOf(message));

/** "Observing the hosts …" is in the place of an answer that is still to come. */
export const isInterim = (message: PageMessage): boolean => titleOf(message).endsWith("…");

/** A plan with long reads that are still to come in its thread. Its buttons come after them. */
export const isUnfinishedPlan = (message: PageMessage): boolean =>
  /\bConfirm before\b/.test(textIn(message)) &&
  decisionsIn(message).length === 0 &&
  !/ \(op-[\w-]+\)$/.test(titleOf(message));

/** The rest of a longer message of the bot, in its thread. */
export const isOfBotsThread = ({ threadTs }: PageMessage, events: readonly Event[]): boolean =>
  threadTs !== null &&
  events.some((event) => event.kind === "message" && event.message.ts === threadTs && isBots(event.message));

/** A message with its thread and the files there, at a time. */
export function allTextOf(ts: string, events: readonly Event[], until: number): string {
  const latest = new Map<string, PageMessage>();
  for (const event of events) {
    if (event.seq > until) break;
    if (event.kind !== "message") continue;
    const { message } = event;
    if (message.ts === ts || message.threadTs === ts) latest.set(message.ts, message);
  }
  return [...latest.values()]
    .map((each) => [textIn(each), ...each.files.map(({ text }) => text)].join("\n"))
    .join("\n");
}

export const isTerminal = (person: string): boolean => person.startsWith("terminal:");

/** The latest text on a person's terminal, at a time. */
export const terminalTextOf = (person: string, events: readonly Event[], until: number): string =>
  events.reduce(
    (text, event) => (event.kind === "terminal" && event.person === person && event.seq <= until ? event.text : text),
    "",
  );

/** The value of the Confirm button: the same in each copy of a plan, and in no other plan. */
export function planKey(ts: string, events: readonly Event[]): string {
  for (const event of events) {
    if (event.kind !== "message" || event.message.ts !== ts || decisionsIn(event.message).length === 0) continue;
    for (const block of event.message.blocks) {
      if (block.type !== "actions" || !Array.isArray(block.elements)) continue;
      const confirm = block.elements.find((element) => element?.action_id === "confirm");
      if (confirm !== undefined) return String(confirm.value);
    }
  }
  return ts;
}

/** Without blanks, because long lines are broken. */
const squeezed = (text: string): string => text.replaceAll(/\s+/g, "");

/** Whether people could read in a plan that this host runs this command. */
export const names = (text: string, host: string, argv: readonly string[]): boolean => {
  const read = squeezed(text);
  return read.includes(squeezed(readable(argv))) && read.includes(host);
};

/** The program itself, without its environment variables. */
export function bare(argv: readonly string[]): readonly string[] {
  if (argv[0] !== "env") return argv;
  return argv.slice(argv.findIndex((word, index) => index > 0 && !word.includes("=")));
}

export const commandKey = (host: string, argv: readonly string[]): string => `${host}: ${bare(argv).join(" ")}`;

export const programsIn = (events: readonly Event[]): ProgramEvent[] =>
  events.flatMap((event) => (event.kind === "program" ? [event] : []));

/** Whether the bot died or was stopped in this part of the record. */
export const botEndedBetween = (events: readonly Event[], from: number, to = Number.POSITIVE_INFINITY): boolean =>
  events.some((event) => event.kind === "bot" && event.what !== "started" && event.seq > from && event.seq <= to);

export const faultTold = (events: readonly Event[], pattern: RegExp): boolean =>
  events.some((event) => event.kind === "fault" && pattern.test(event.text));
