import { type Inline, type Part, type Tone, withCommands } from "../../core/reply.ts";
import { mostOf } from "../../core/shared-facts.ts";
import { lunsText } from "../arguments.ts";
import { commonOf, type Grade, seenOf, type Verdict } from "./cluster-observation.ts";

/** What one check found on a host. */
export interface HostFinding {
  readonly host: string;
  readonly check: string;
  readonly verdict: Verdict;
}

/** One fact, with all hosts that show it. */
export interface Finding {
  readonly hosts: readonly string[];
  /** How many hosts were asked. */
  readonly asked: number;
  readonly check: string;
  readonly verdict: Verdict;
  /** What removes it on all of the hosts: a command of the bot, or what to do by hand; empty if nothing is known. */
  readonly fix: string;
  /** A command that only shows more; empty if there is none. */
  readonly next: string;
}

/**
 * The same fact about a LUN on several hosts is one finding. LUNs with the same facts on the same hosts are then one
 * finding too. In the order of the first of each.
 */
export function findingsOf(all: readonly HostFinding[], cluster: string, asked: number): Finding[] {
  const groups = grouped(all, ({ host, check, verdict }) => {
    const { grade, luns = [], of = "", also = "", fix } = verdict;
    return [check, grade, luns, of, commonOf(verdict), also, verbOf(fix, host)];
  });
  const found = groups.map(([first, ...others]): Finding => {
    const { check } = first;
    const verdicts = [first, ...others].map(({ verdict }) => verdict);
    const verdict = { ...first.verdict, seen: seenOf([first.verdict, ...verdicts.slice(1)]) };
    const hosts = [first, ...others].map(({ host }) => host);
    const [fix, next] = [verdict.fix, verdict.next ?? ""].map((each) => commandFor(each, hosts, cluster));
    return { ...{ hosts, asked, check, verdict }, fix: fix ?? "", next: next ?? "" };
  });
  return grouped(found, ({ hosts, check, verdict, fix, next }) => {
    const { grade, luns, of = "", seen, also = "" } = verdict;
    return [check, grade, luns === undefined, of, seen, also, hosts, fix, next];
  }).map(([first, ...others]) => {
    const { luns } = first.verdict;
    if (luns === undefined) return first;
    const more = others.flatMap(({ verdict }) => verdict.luns ?? []);
    return { ...first, verdict: { ...first.verdict, luns: [...luns, ...more] } };
  });
}

/** Those with the same key together, in the order of the first of each. */
function grouped<T>(all: readonly T[], keyOf: (each: T) => unknown): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const each of all) {
    const key = JSON.stringify(keyOf(each));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

/** `LUN …bbe00a of ps-1`; null if the finding is about the check itself. */
export const objectOf = ({ luns, of }: Verdict): string | null =>
  luns === undefined ? null : `${lunsText(luns)}${of === undefined ? "" : ` of ${of}`}`;

/** A command without the host that it names: two hosts with the same are fixed by one command. */
const verbOf = (command: string, host: string): string =>
  command
    .split(" ")
    .filter((word) => word !== host && word !== `${host}:`)
    .join(" ");

/** These commands accept a cluster instead of a host. */
const TAKES_CLUSTER = /^(host rescan|host prepare|multipath status|multipath enable) /;

function commandFor(command: string, hosts: readonly string[], cluster: string): string {
  const [first = "", ...others] = hosts;
  if (others.length === 0) return command;
  if (TAKES_CLUSTER.test(command)) return command.replace(first, cluster);
  if (command.startsWith("sharedblock reconnect ")) return verbOf(command, first);
  // On the others the same is to be done.
  if (!command.startsWith("on ")) return command;
  const what = command.replace(/^on [^:]+: /, "").split(" ");
  return `on each of these hosts: ${what.map((word) => (word === first ? "the host" : word)).join(" ")}`;
}

/** The prefix of a fix that a person does on the host itself. */
export const isTypable = (command: string): boolean => !command.startsWith("on ");

const tones: Readonly<Record<Grade, Tone>> = {
  unsafe: "bad",
  broken: "bad",
  "at risk": "warning",
  unknown: "warning",
  fine: "good",
  none: "plain",
};

/** `⚠️ LUN …abbe5f2: not seen on sharedblock-host3, seen on 2 others. Fix: /zstack host rescan sharedblock-host3` */
export function findingPart({ hosts, asked, check, verdict, fix, next }: Finding): Part {
  const { grade, seen, also, sentence } = verdict;
  const where = mostOf(hosts, asked);
  const object = objectOf(verdict);
  const fact =
    sentence !== undefined
      ? `${sentence(where, hosts.length)}.`
      : object === null
        ? `${check} on ${where}: ${seen}.`
        : `${object}: ${seen} on ${where}${also === undefined ? "" : `, ${also}`}.`;
  const word = grade === "unsafe" ? `${wordOf.unsafe}: ` : `${wordOf[grade]} `;
  const text: Inline[] = [
    ...(grade === "at risk" ? [] : [{ bold: word }]),
    fact,
    ...(fix === "" ? [] : fixInlines(fix, grade)),
    ...(fix !== "" || next === "" ? [] : [" Next: ", ...typed(next)]),
  ];
  return { kind: "text", tone: tones[grade], text };
}

/** Data at risk: what a person must do follows at once. */
const fixInlines = (fix: string, grade: Grade): Inline[] =>
  grade === "unsafe" && !isTypable(fix) ? [" ", ...withCommands(fix.replace(/^on/, "On"))] : [" Fix: ", ...typed(fix)];

const typed = (command: string): Inline[] =>
  isTypable(command) ? [{ code: `/zstack ${command}` }] : withCommands(command);

const wordOf: Readonly<Record<Grade, string>> = {
  unsafe: "DATA AT RISK",
  broken: "Broken",
  "at risk": "At risk",
  unknown: "Unknown",
  fine: "Fine",
  none: "",
};
