import type { Inline, Part } from "../../core/reply.ts";
import { few } from "../render/matrix.ts";
import type { Grade, Verdict } from "./cluster-observation.ts";

/** What one check found on a host. */
export interface HostFinding {
  readonly host: string;
  readonly check: string;
  readonly verdict: Verdict;
}

/** One fact, with all hosts that show it. */
export interface Finding {
  readonly hosts: readonly string[];
  readonly check: string;
  readonly verdict: Verdict;
  /** A command for all of the hosts, or what to do by hand. */
  readonly command: string;
}

/** Merges the same fact on several hosts into one finding. The order follows the first host of each. */
export function findingsOf(all: readonly HostFinding[], cluster: string): Finding[] {
  const groups = new Map<string, HostFinding[]>();
  for (const each of all) {
    const { grade, object = "", seen, also = "" } = each.verdict;
    const key = JSON.stringify([each.check, grade, object, seen, also, verbOf(each)]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const hosts = group.map(({ host }) => host);
    return [{ hosts, check: first.check, verdict: first.verdict, command: commandFor(group, first, cluster) }];
  });
}

/** The command without the host's name. Two hosts with an equal result are fixed by one command. */
const verbOf = ({ host, verdict }: HostFinding): string =>
  verdict.fix
    .split(" ")
    .filter((word) => word !== host && word !== `${host}:`)
    .join(" ");

/** These commands accept a cluster instead of a host. */
const TAKES_CLUSTER = /^(host rescan|host prepare|multipath status|multipath enable) /;

function commandFor(group: readonly HostFinding[], first: HostFinding, cluster: string): string {
  const { fix } = first.verdict;
  if (group.length === 1 || group.every(({ verdict }) => verdict.fix === fix)) return fix;
  if (TAKES_CLUSTER.test(fix)) return fix.replace(first.host, cluster);
  if (fix.startsWith("sharedblock reconnect ")) return verbOf(first);
  // The other hosts need the same fix.
  return fix.startsWith("on ") ? `on each of these hosts: ${fix.replace(/^on [^:]+: /, "")}` : fix;
}

/** The prefix of a fix that a person does on the host itself. */
export const isTypable = (command: string): boolean => !command.startsWith("on ");

/** A fix changes something. A command that only shows more is a next step. */
const isFix = (command: string): boolean => !/^\S+ (list|show|status|check|volumes)\b/.test(command);

const tones = { unsafe: "bad", broken: "bad", "at risk": "warning", unknown: "warning", fine: "good" } as const;

/** `⚠️ LUN …abbe5f2: not seen on sharedblock-host3, seen on 2 others. Fix: /zstack host rescan sharedblock-host3` */
export function findingPart({ hosts, check, verdict, command }: Finding): Part {
  const { grade, object, seen, also } = verdict;
  const where = few(hosts);
  const fact =
    object === undefined
      ? `${check} on ${where}: ${seen}.`
      : `${object}: ${seen} on ${where}${also === undefined ? "" : `, ${also}`}.`;
  const text: Inline[] = [
    ...(grade === "at risk" ? [] : [{ bold: `${wordOf[grade]} ` }]),
    fact,
    ...(command === "" ? [] : [isFix(command) ? " Fix: " : " Next: "]),
    ...(command === "" ? [] : [isTypable(command) ? { code: `/zstack ${command}` } : command]),
  ];
  return { kind: "text", tone: tones[grade], text };
}

const wordOf: Readonly<Record<Grade, string>> = {
  ...{ unsafe: "DATA AT RISK", broken: "Broken", "at risk": "At risk", unknown: "Unknown", fine: "Fine" },
};
