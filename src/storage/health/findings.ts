import type { Inline, Part } from "../../core/reply.ts";
import { mostOf } from "../../core/shared-facts.ts";
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

/** The same fact on several hosts is one finding. In the order of the first of each. */
export function findingsOf(all: readonly HostFinding[], cluster: string, asked: number): Finding[] {
  const groups = new Map<string, HostFinding[]>();
  for (const each of all) {
    const { grade, object = "", also = "", fix } = each.verdict;
    const key = JSON.stringify([each.check, grade, object, commonOf(each.verdict), also, verbOf(fix, each.host)]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { check } = first;
    const verdicts = group.map(({ verdict }) => verdict);
    const verdict = { ...first.verdict, seen: seenOf([first.verdict, ...verdicts.slice(1)]) };
    const hosts = group.map(({ host }) => host);
    const [fix, next] = [verdict.fix, verdict.next ?? ""].map((each) => commandFor(each, hosts, cluster));
    return [{ ...{ hosts, asked, check, verdict }, fix: fix ?? "", next: next ?? "" }];
  });
}

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
  return command.startsWith("on ") ? `on each of these hosts: ${command.replace(/^on [^:]+: /, "")}` : command;
}

/** The prefix of a fix that a person does on the host itself. */
export const isTypable = (command: string): boolean => !command.startsWith("on ");

const tones = { unsafe: "bad", broken: "bad", "at risk": "warning", unknown: "warning", fine: "good" } as const;

/** `⚠️ LUN …abbe5f2: not seen on sharedblock-host3, seen on 2 others. Fix: /zstack host rescan sharedblock-host3` */
export function findingPart({ hosts, asked, check, verdict, fix, next }: Finding): Part {
  const { grade, object, seen, also } = verdict;
  const where = mostOf(hosts, asked);
  const fact =
    object === undefined
      ? `${check} on ${where}: ${seen}.`
      : `${object}: ${seen} on ${where}${also === undefined ? "" : `, ${also}`}.`;
  const text: Inline[] = [
    ...(grade === "at risk" ? [] : [{ bold: `${wordOf[grade]} ` }]),
    fact,
    ...(fix === "" ? [] : [" Fix: ", typed(fix)]),
    ...(fix !== "" || next === "" ? [] : [" Next: ", typed(next)]),
  ];
  return { kind: "text", tone: tones[grade], text };
}

const typed = (command: string): Inline => (isTypable(command) ? { code: `/zstack ${command}` } : command);

const wordOf: Readonly<Record<Grade, string>> = {
  ...{ unsafe: "DATA AT RISK", broken: "Broken", "at risk": "At risk", unknown: "Unknown", fine: "Fine" },
};
