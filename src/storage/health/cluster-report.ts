import { counted } from "../../core/counted.ts";
import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf } from "../../core/find.ts";
import type { Part, Reply } from "../../core/reply.ts";
import { mostOf, sharedFacts } from "../../core/shared-facts.ts";
import { clusterChecks, verdictsOn } from "./cluster-checks.ts";
import { commonOf, type Grade, observeCluster, seenOf, type Verdicts } from "./cluster-observation.ts";
import { type Finding, findingPart, findingsOf, type HostFinding, isTypable, objectOf } from "./findings.ts";

export async function clusterReport({ cluster: name }: { readonly cluster: string }, facts: Facts): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, name);
  const hosts = someHostsOf(facts.inventory, cluster, `checking ${name}`);
  const observation = await observeCluster(cluster, hosts, facts);
  const checked = observation.hosts.map((each) => ({ host: each.host.name, verdicts: verdictsOn(each, observation) }));
  const findings = findingsOf(worstFirst(checked), name, checked.length);
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
    // What fixes comes first: the first of them are buttons.
    next: [...new Set([...findings.map(({ fix }) => fix), ...findings.map(({ next }) => next)])]
      .filter((each) => each !== "" && isTypable(each))
      .slice(0, MOST_FIXES),
  };
}

interface Checked {
  readonly host: string;
  /** For each check, in their order. */
  readonly verdicts: readonly Verdicts[];
}
const order: readonly Grade[] = ["unsafe", "broken", "at risk", "unknown", "fine", "none"];

/** Within one grade, findings are in the order of the checks, because an earlier one causes later ones. */
function worstFirst(checked: readonly Checked[]): HostFinding[] {
  return clusterChecks
    .flatMap(([check], index) =>
      checked.flatMap(({ host, verdicts }) => {
        const listed = (verdicts[index] ?? []).filter(
          ({ grade, fix, next }) => !isGood(grade) && (fix !== "" || next !== undefined),
        );
        return listed.map((verdict) => ({ host, check, verdict }));
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

/** The worst grade of several verdicts. */
const worstOf = (verdicts: Verdicts | undefined): Grade | "" =>
  order.find((grade) => verdicts?.some((each) => each.grade === grade)) ?? "";

/** What differs between the hosts. Hosts with the same results are one row, and most of many are counted. */
function matrix(checked: readonly Checked[]): Part[] {
  const compared = clusterChecks
    .map(([name], index) => ({ name, index }))
    .filter(({ index }) => !checked.every(({ verdicts }) => isGood(worstOf(verdicts[index]))));
  const cells = ({ verdicts }: Checked) => compared.map(({ index }) => worstOf(verdicts[index]));
  const rows = sharedFacts(
    checked,
    ({ host }) => host,
    (each) => JSON.stringify(cells(each)),
  ).map(({ hosts, items: [first] }) => [hosts, ...cells(first)]);
  if (rows.length === 0 || compared.length === 0) return [];
  const columns = ["hosts", ...compared.map(({ name }) => name)];
  return [{ kind: "table", caption: "What differs between the hosts", columns, rows }];
}

const isGood = (grade: Grade | ""): boolean => grade === "fine" || grade === "none";

/** The checks that every host passes, those that have nothing to check, and the number of hosts without a fault. */
function fineParts(checked: readonly Checked[]): Part[] {
  const on = (index: number, grade: Grade) =>
    checked.filter(({ verdicts }) => worstOf(verdicts[index]) === grade).map(({ host }) => host);
  const fine = clusterChecks.flatMap(([name], index) => (on(index, "fine").length === checked.length ? [name] : []));
  const nothing = clusterChecks.flatMap(([name], index) => {
    const hosts = on(index, "none");
    if (hosts.length === 0) return [];
    return [hosts.length === checked.length ? name : `${name} on ${mostOf(hosts, checked.length)}`];
  });
  const whole = checked.filter(({ verdicts }) => verdicts.every((found) => isGood(worstOf(found)))).length;
  const every = nothing.length === 0 ? "every check" : "every check that has something to check";
  const text = `${whole} of ${counted(checked.length, "host")} ${whole === 1 ? "is" : "are"} fine in ${every}.`;
  const listed = (title: string, names: readonly string[]): Part[] =>
    names.length === 0 ? [] : [{ kind: "text", text: [{ bold: `${title}: ` }, names.join(", ")] }];
  return [{ kind: "text", text }, ...listed("Fine on every host", fine), ...listed("Nothing to check", nothing)];
}

/** What each check has seen. If several hosts show the same, it is one line. */
const allParts = (checked: readonly Checked[]): Part[] =>
  clusterChecks.map(([name], index): Part => {
    const seen = checked.flatMap(({ host, verdicts }) => (verdicts[index] ?? []).map((verdict) => ({ host, verdict })));
    const facts = sharedFacts(
      seen,
      ({ host }) => host,
      ({ verdict }) => JSON.stringify([objectOf(verdict), commonOf(verdict)]),
    );
    const said = facts.map(({ hosts, names, items }) => {
      const [{ verdict: first }, ...others] = items;
      const fact = seenOf([first, ...others.map(({ verdict }) => verdict)]);
      const object = objectOf(first);
      const text = object === null ? fact : `${object}: ${fact}`;
      return names.length === checked.length ? text : `${text} (${hosts})`;
    });
    return { kind: "text", text: [{ bold: `${name}: ` }, said.join("; ")] };
  });

const storageText = (storage: { readonly name: string; readonly state: string } | null): string =>
  storage === null
    ? "The cluster has no Shared Block storage."
    : `Shared Block storage ${storage.name}, desired state ${storage.state}.`;
