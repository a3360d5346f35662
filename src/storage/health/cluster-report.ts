import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf } from "../../core/find.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { few } from "../render/matrix.ts";
import { clusterChecks, verdictsOn } from "./cluster-checks.ts";
import { type Grade, observeCluster, type Verdict } from "./cluster-observation.ts";
import { type Finding, findingPart, findingsOf, type HostFinding, isTypable } from "./findings.ts";

export async function clusterReport({ cluster: name }: { readonly cluster: string }, facts: Facts): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, name);
  const hosts = someHostsOf(facts.inventory, cluster, `checking ${name}`);
  const observation = await observeCluster(cluster, hosts, facts);
  const checked = observation.hosts.map((each) => ({ host: each.host.name, verdicts: verdictsOn(each, observation) }));
  const findings = findingsOf(worstFirst(checked), name);
  const worst = findings[0]?.verdict.grade ?? "fine";
  const shown = findings.slice(0, MOST_LINES);
  const more = findings.length - shown.length;
  return {
    title: `${name}: ${findings.length === 0 ? "all is fine" : countsText(findings)}`,
    tone: worst === "unsafe" || worst === "broken" ? "bad" : worst === "fine" ? "good" : "warning",
    parts: [
      ...shown.map(findingPart),
      { kind: "text", text: storageText(observation.storage) },
      ...(more > 0
        ? [{ kind: "text", text: `${more} more, in the table and in the details.` } satisfies Part, ...matrix(checked)]
        : []),
      ...fineParts(checked),
    ],
    details: { title: "All checks", parts: [...findings.slice(MOST_LINES).map(findingPart), ...allParts(checked)] },
    next: [...new Set(findings.map(({ command }) => command))]
      .filter((each) => each !== "" && isTypable(each))
      .slice(0, MOST_FIXES),
  };
}

interface Checked {
  readonly host: string;
  readonly verdicts: readonly Verdict[];
}
const order: readonly Grade[] = ["unsafe", "broken", "at risk", "unknown", "fine"];

/** Within one grade, findings are in the order of the checks, because an earlier one causes later ones. */
function worstFirst(checked: readonly Checked[]): HostFinding[] {
  return clusterChecks
    .flatMap(([check], index) =>
      checked.flatMap(({ host, verdicts }) => {
        const verdict = verdicts[index];
        return verdict === undefined || verdict.grade === "fine" || verdict.fix === ""
          ? []
          : [{ host, check, verdict }];
      }),
    )
    .sort((left, right) => order.indexOf(left.verdict.grade) - order.indexOf(right.verdict.grade));
}

function countsText(findings: readonly Finding[]): string {
  const count = (grade: Grade) => findings.filter(({ verdict }) => verdict.grade === grade).length;
  return order
    .filter((grade) => count(grade) > 0)
    .map((grade) => `${count(grade)} ${grade}`)
    .join(", ");
}

/** So many findings are lines. If there are more, a table shows which hosts have them. */
const MOST_LINES = 6;

/** The first ones are buttons; the others are text. */
const MOST_FIXES = 8;

/** If there are many hosts, only hosts with a finding are shown, because a message can't hold more. */
const MOST_HOSTS = 12;

/** What is different on each host that has a finding. */
function matrix(checked: readonly Checked[]): Part[] {
  const troubled = checked.filter(({ verdicts }) => verdicts.some(({ grade }) => grade !== "fine"));
  const shown = checked.length > MOST_HOSTS ? troubled : checked;
  const compared = clusterChecks
    .map(([name], index) => ({ name, index }))
    .filter(({ index }) => !isFine(checked, index));
  const rows = shown.map(({ host, verdicts }) => [host, ...compared.map(({ index }) => cellOf(verdicts[index]))]);
  if (rows.length === 0 || compared.length === 0) return [];
  const columns = ["host", ...compared.map(({ name }) => name)];
  return [{ kind: "table", caption: "What differs between the hosts", columns, rows }];
}

const isFine = (checked: readonly Checked[], index: number): boolean =>
  checked.every(({ verdicts }) => verdicts[index]?.grade === "fine");

/** The checks that every host passes, and the number of hosts that pass all. */
function fineParts(checked: readonly Checked[]): Part[] {
  const fine = clusterChecks.flatMap(([name], index) => (isFine(checked, index) ? [name] : []));
  const whole = checked.filter(({ verdicts }) => verdicts.every(({ grade }) => grade === "fine")).length;
  const parts: Part[] = [{ kind: "text", text: `${whole} of ${checked.length} hosts are fine in every check.` }];
  if (fine.length > 0) parts.push({ kind: "text", text: [{ bold: "Fine on every host: " }, fine.join(", ")] });
  return parts;
}

/** What each check has seen. If several hosts show the same, it is one line. */
const allParts = (checked: readonly Checked[]): Part[] =>
  clusterChecks.map(([name], index): Part => {
    const hostsOf = new Map<string, string[]>();
    for (const { host, verdicts } of checked) {
      const { object, seen = "" } = verdicts[index] ?? {};
      const text = object === undefined ? seen : `${object} ${seen}`;
      hostsOf.set(text, [...(hostsOf.get(text) ?? []), host]);
    }
    const said = [...hostsOf].map(([text, hosts]) =>
      hosts.length === checked.length ? text : `${text} (${few(hosts)})`,
    );
    return { kind: "text", text: [{ bold: `${name}: ` }, said.join("; ")] };
  });

const cellOf = (verdict: Verdict | undefined): string =>
  verdict === undefined ? "" : verdict.grade === "fine" ? verdict.seen : verdict.grade;

const storageText = (storage: { readonly name: string; readonly state: string } | null): string =>
  storage === null
    ? "The cluster has no Shared Block storage."
    : `Shared Block storage ${storage.name}, desired state ${storage.state}.`;
