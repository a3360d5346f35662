import {
  type ApprovalRule,
  approvals,
  type Confirmation,
  confirmations,
  type PolicyFacts,
  type PolicyRule,
  type Risk,
  risks,
} from "../core/policy.ts";

/** What holds in one cluster, and who said so. */
export interface RuleInForce extends PolicyRule {
  readonly from: "a person" | "POLICY" | "default" | "damage";
}

type Asked = Pick<PolicyRule, "confirm" | "approver">;

const defaults: Readonly<Record<Risk, Asked>> = {
  reversible: { confirm: "nothing", approver: "never" },
  trust: { confirm: "click", approver: "never" },
  destructive: { confirm: "typed", approver: "if possible" },
};
const strictest: Asked = { confirm: "typed", approver: "always" };

/** No rule goes below this: what can't be undone is never run by accident, and no key of a host is trusted unread. */
const least: Readonly<Record<Risk, Confirmation>> = { reversible: "nothing", trust: "click", destructive: "typed" };

/**
 * The rule of a risk. `cluster`: null for what belongs to no cluster. A rule that a person set wins over POLICY. Of two
 * rules of one source, that of the cluster wins.
 */
export function ruleIn(risk: Risk, cluster: string | null, policies: PolicyFacts): RuleInForce {
  const place = { risk, cluster };
  if (policies.damage() !== null) return { ...place, ...strictest, from: "damage" };
  const set = mostSpecific(risk, cluster, policies.set());
  if (set !== null) return { ...set, from: "a person" };
  const configured = mostSpecific(risk, cluster, policies.configured);
  if (configured !== null) return { ...configured, from: "POLICY" };
  const { confirm, approver } = defaults[risk];
  return { ...place, cluster: null, confirm, approver: policies.isLocal ? "never" : approver, from: "default" };
}

function mostSpecific(risk: Risk, cluster: string | null, rules: readonly PolicyRule[]): PolicyRule | null {
  const of = rules.filter((rule) => rule.risk === risk);
  const own = cluster === null ? undefined : of.find((rule) => rule.cluster === cluster);
  return own ?? of.find((rule) => rule.cluster === null) ?? null;
}

/** What holds for a plan on these clusters: the strictest of their rules. */
export function ruleFor(risk: Risk, clusters: "all" | readonly string[], policies: PolicyFacts): RuleInForce {
  const places = clusters === "all" || clusters.length === 0 ? [null] : clusters;
  const [first = ruleIn(risk, null, policies), ...others] = places.map((place) => ruleIn(risk, place, policies));
  return others.reduce(stricterOf, first);
}

const stricterOf = (one: RuleInForce, other: RuleInForce): RuleInForce => ({
  ...(approvals.indexOf(other.approver) > approvals.indexOf(one.approver) ? other : one),
  confirm: confirmations.indexOf(other.confirm) > confirmations.indexOf(one.confirm) ? other.confirm : one.confirm,
});

/** What a rule asks, in the words of `require=`. */
export const requireText = ({ confirm, approver }: Asked): string =>
  approver === "never" ? confirm : `${confirm}+approver`;

const requireWord = /^(?:(nothing|click|typed)|(?:(click|typed)\+)?(approver))$/;

/**
 * The rule of `require=`: nothing, click, typed, approver, click+approver or typed+approver. A string: why there is
 * none.
 */
export function ruleOf(risk: Risk, require: string, cluster: string | null): PolicyRule | string {
  const [, alone, withApprover, second] = requireWord.exec(require.trim().toLowerCase()) ?? [];
  if (alone === undefined && second === undefined) {
    return `${JSON.stringify(require)} is none of nothing, click, typed, approver, click+approver and typed+approver`;
  }
  const weakest = least[risk];
  const confirm = (alone ?? withApprover ?? (weakest === "nothing" ? "click" : weakest)) as Confirmation;
  if (confirmations.indexOf(confirm) < confirmations.indexOf(weakest)) {
    return `a ${risk} plan needs at least "${weakest}", and "${require.trim()}" is less`;
  }
  const approver: ApprovalRule = second === undefined ? "never" : "always";
  return { risk, cluster, confirm, approver };
}

/**
 * The rules of the setting POLICY: `destructive=typed+approver trust=click cluster-1:trust=typed`. A string: what is
 * wrong.
 */
export function policySetting(text: string): readonly PolicyRule[] | string {
  const rules: PolicyRule[] = [];
  for (const word of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const [, cluster = null, name = "", require = ""] = /^(?:([\w.-]+):)?([a-z]+)=(\S+)$/.exec(word) ?? [];
    const risk = risks.find((each) => each === name);
    if (risk === undefined) return `${JSON.stringify(word)} names none of ${risks.join(", ")}`;
    const rule = ruleOf(risk, require, cluster);
    if (typeof rule === "string") return rule;
    if (rules.some((other) => other.risk === risk && other.cluster === cluster)) return `${word} is there twice`;
    rules.push(rule);
  }
  return rules;
}
