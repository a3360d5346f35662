import type { Facts } from "../../core/facts.ts";
import { clusterNamed, someHostsOf } from "../../core/find.ts";
import { linesPart, type Part, type Reply } from "../../core/reply.ts";
import { clusterChecks, verdictsOn } from "./cluster-checks.ts";
import { type Grade, observeCluster, type Verdict } from "./cluster-observation.ts";

export async function clusterReport({ cluster: name }: { readonly cluster: string }, facts: Facts): Promise<Reply> {
  const cluster = clusterNamed(facts.inventory, name);
  const hosts = someHostsOf(facts.inventory, cluster, `checking ${name}`);
  const observation = await observeCluster(cluster, hosts, facts);
  const checked = observation.hosts.map((each) => ({ host: each.host.name, verdicts: verdictsOn(each, observation) }));
  const findings = findingsOf(checked);
  const worst = findings[0]?.verdict.grade ?? "fine";
  return {
    title: `${name}: ${findings.length === 0 ? "all is fine" : countsText(findings)}`,
    tone: worst === "unsafe" || worst === "broken" ? "bad" : worst === "fine" ? "good" : "warning",
    parts: [
      { kind: "text", text: storageText(observation.storage) },
      ...(findings.length === 0 ? [] : [findingsPart(findings)]),
      ...matrix(checked),
    ],
    next: [...new Set(findings.map(({ verdict }) => verdict.fix))].filter(isTypable).slice(0, MOST_FIXES),
  };
}

interface Checked {
  readonly host: string;
  readonly verdicts: readonly Verdict[];
}
interface Finding {
  readonly host: string;
  readonly check: string;
  readonly verdict: Verdict;
}

const order: readonly Grade[] = ["unsafe", "broken", "at risk", "unknown", "fine"];

/** Of one grade in the order of the checks: what is named first is the cause of what follows. */
function findingsOf(checked: readonly Checked[]): Finding[] {
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

const findingsPart = (findings: readonly Finding[]): Part =>
  linesPart(
    "To be mended, worst first",
    findings.map(({ host, check, verdict: { grade, seen, fix } }) => [
      { bold: `${grade} ${host}` },
      ` ${check}: ${seen} → `,
      isTypable(fix) ? { code: `/zstack ${fix}` } : fix,
    ]),
  );

/** The first are buttons, the others words. */
const MOST_FIXES = 8;

/** What a person does on the host itself begins with its name. */
const isTypable = (fix: string): boolean => !fix.startsWith("on ");

/** Of many hosts only those are shown on which something is not fine: a message has room for so much. */
const MOST_HOSTS = 12;

/** What differs between hosts, or is not fine, is compared in a table; what is the same and fine on all is one line. */
function matrix(checked: readonly Checked[]): Part[] {
  const troubled = checked.filter(({ verdicts }) => verdicts.some(({ grade }) => grade !== "fine"));
  const shown = checked.length > MOST_HOSTS ? troubled : checked;
  const columns = clusterChecks.map(([name], index) => {
    const isFine = checked.every(({ verdicts }) => verdicts[index]?.grade === "fine");
    const [seen = "", ...others] = new Set(checked.map(({ verdicts }) => cellOf(verdicts[index])));
    return { name, index, seen, isSame: isFine && others.length === 0 };
  });
  const same = columns.filter(({ isSame }) => isSame);
  const compared = columns.filter(({ isSame }) => !isSame);
  const parts: Part[] = [];
  if (shown.length > 0 && compared.length > 0) {
    parts.push({
      kind: "table",
      caption: "What differs between the hosts",
      columns: ["host", ...compared.map(({ name }) => name)],
      rows: shown.map(({ host, verdicts }) => [host, ...compared.map(({ index }) => cellOf(verdicts[index]))]),
    });
  }
  if (same.length > 0) {
    const all = same.map(({ name, seen }) => `${name} ${seen}`).join(" · ");
    parts.push({ kind: "text", text: [{ bold: checked.length === 1 ? "Fine: " : "The same on every host: " }, all] });
  }
  if (shown.length < checked.length) {
    const rest = checked.length - troubled.length;
    parts.push({ kind: "text", text: `${rest} of ${checked.length} hosts are fine in every check.` });
  }
  return parts;
}

const cellOf = (verdict: Verdict | undefined): string =>
  verdict === undefined ? "" : verdict.grade === "fine" ? verdict.seen : verdict.grade;

const storageText = (storage: { readonly name: string; readonly state: string } | null): string =>
  storage === null
    ? "The cluster has no Shared Block storage."
    : `Shared Block storage ${storage.name}, state (wished) ${storage.state}.`;
