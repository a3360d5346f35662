import { readable } from "../../../src/core/host-command.ts";
import type { PageMessage } from "../../../src/workspace/page-protocol.ts";
import { decisionsIn, textIn } from "../../scenario/message-text.ts";
import type { Event, ProgramRun } from "../timeline.ts";

export type MessageEvent = Extract<Event, { kind: "message" }>;
export type ProgramEvent = Event & ProgramRun;

const BOT = "U0ZSTACK";
export const isBots = ({ author }: PageMessage): boolean => author === BOT;

/** How an operation's message says that it ended. */
export const END = /: (done|failed|refused|unknown|cancelled|expired) \((op-[\w-]+)\)/;

/** Its first line; of an answer as aligned text, which breaks long lines, its first paragraph. */
export const titleOf = (message: PageMessage): string => {
  const text = textIn(message);
  const aligned = /^```\n[✓✗!]? ?([\s\S]*?)\n\n/.exec(text);
  return aligned === null ? (text.split("\n")[0] ?? "") : (aligned[1] ?? "").replaceAll(/\s+/g, " ");
};

/** Whether it is about these words, and does not only name them as what to type next. */
export const isAbout = (message: PageMessage, words: string): boolean => {
  const text = textIn(message);
  const [, asked] = /Asked by\s+\S+(?: \(in a terminal\))?\s*:\s*([\s\S]*)/.exec(text) ?? [];
  return asked?.startsWith(words) === true;
};

/** "Observing the hosts …" stands for an answer that is still to come. */
export const isInterim = (message: PageMessage): boolean => titleOf(message).endsWith("…");

/** A message with all that hangs on it: its thread, and the files there; as it was at a time. */
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

/** The latest text on a person's terminal; as it was at a time. */
export const terminalTextOf = (person: string, events: readonly Event[], until: number): string =>
  events.reduce(
    (text, event) => (event.kind === "terminal" && event.person === person && event.seq <= until ? event.text : text),
    "",
  );

/** The value behind Confirm: the same in every copy of a plan, and in no other. */
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

/** Without blanks, since long lines are broken. */
const squeezed = (text: string): string => text.replaceAll(/\s+/g, "");

/** Whether people could read in a plan that this host runs this. */
export const names = (text: string, host: string, argv: readonly string[]): boolean => {
  const read = squeezed(text);
  return read.includes(squeezed(readable(argv))) && read.includes(host);
};

/** The program itself, without the environment that it is given. */
export function bare(argv: readonly string[]): readonly string[] {
  if (argv[0] !== "env") return argv;
  return argv.slice(argv.findIndex((word, index) => index > 0 && !word.includes("=")));
}

export const commandKey = (host: string, argv: readonly string[]): string => `${host}: ${bare(argv).join(" ")}`;

export const programsIn = (events: readonly Event[]): ProgramEvent[] =>
  events.flatMap((event) => (event.kind === "program" ? [event] : []));

/** Whether the bot died or was stopped in this stretch of the record. */
export const botEndedBetween = (events: readonly Event[], from: number, to = Number.POSITIVE_INFINITY): boolean =>
  events.some((event) => event.kind === "bot" && event.what !== "started" && event.seq > from && event.seq <= to);

export const faultTold = (events: readonly Event[], pattern: RegExp): boolean =>
  events.some((event) => event.kind === "fault" && pattern.test(event.text));
