import type { Facts } from "../core/facts.ts";
import { type PolicyFacts, type Risk, risks, type SetRule } from "../core/policy.ts";
import { Refusal, reason } from "../core/refusal.ts";
import type { Part, Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";
import { type RuleInForce, requireText, ruleIn, ruleOf } from "./policy.ts";

/** Rules that are kept at most. */
const MOST_RULES = 500;

interface Place {
  readonly risk: Risk;
  readonly cluster?: string | undefined;
}

/** Sets a rule. It wins over POLICY. */
export async function setPolicy(
  { risk, require, cluster }: Place & { readonly require: string },
  facts: Facts,
  { policies, by }: Acting,
): Promise<Reply> {
  const headline = "The policy was not changed";
  const rule = ruleOf(risk, require, cluster ?? null);
  if (typeof rule === "string") throw new Refusal(headline, reason("WRONG_ARGUMENTS", rule));
  whyNoCluster(headline, cluster, facts);
  const damage = policies.damage();
  const at = new Date(facts.now()).toISOString();
  await policies.changeSet((rules) => {
    const others = rules.filter((other) => other.risk !== risk || other.cluster !== rule.cluster);
    if (others.length >= MOST_RULES) {
      throw new Refusal(headline, reason("WRONG_ARGUMENTS", `${others.length} rules are kept already`));
    }
    return [[...others, { ...rule, by, at }], null];
  });
  const replaced: Part[] =
    damage === null
      ? []
      : [
          {
            kind: "text",
            tone: "warning",
            text: "The damaged record of rules was replaced: set its other rules again.",
          },
        ];
  return {
    title: `${titleOf(risk, rule.cluster)} need ${requireText(rule)} now`,
    tone: "good",
    parts: [
      { kind: "text", text: "A stricter rule holds at once, also for shown plans. A weaker one holds for new plans." },
      ...replaced,
    ],
    next: ["policy show"],
  };
}

/** Removes a rule that a person set. POLICY or the default holds again. */
export async function unsetPolicy({ risk, cluster }: Place, facts: Facts, { policies }: Acting): Promise<Reply> {
  const isMeant = (rule: SetRule) => rule.risk === risk && rule.cluster === (cluster ?? null);
  await policies.changeSet((rules) => {
    if (!rules.some(isMeant)) {
      const why = `nobody set a rule for ${titleOf(risk, cluster ?? null).toLowerCase()}`;
      throw new Refusal("The policy was not changed", reason("NOT_FOUND", why), { next: ["policy show"] });
    }
    return [rules.filter((rule) => !isMeant(rule)), null];
  });
  const left = ruleIn(risk, cluster ?? null, facts.policies);
  return {
    title: `${titleOf(risk, cluster ?? null)} need ${requireText(left)} again`,
    tone: "good",
    parts: [{ kind: "text", text: `That is ${fromText(left, facts.policies)}.` }],
    next: ["policy show"],
  };
}

/** The rules in force, and where each comes from. */
export async function policyReply(
  { cluster }: { readonly cluster?: string | undefined },
  facts: Facts,
): Promise<Reply> {
  whyNoCluster("The policy can't be shown", cluster, facts);
  const { policies } = facts;
  const general = risks.map((risk) => ruleIn(risk, cluster ?? null, policies));
  const named =
    cluster === undefined && policies.damage() === null
      ? [...new Set([...policies.set(), ...policies.configured].flatMap((rule) => rule.cluster ?? []))]
      : [];
  const special = named
    .toSorted()
    .flatMap((name) => risks.map((risk) => ruleIn(risk, name, policies)).filter((rule) => rule.cluster === name));
  const damage = policies.damage();
  return {
    title:
      cluster === undefined ? "What is asked before a plan runs" : `What is asked before a plan runs on ${cluster}`,
    tone: damage === null ? "plain" : "warning",
    parts: [
      ...(damage === null ? [] : [damagePart(damage)]),
      {
        kind: "table",
        columns: ["risk", "cluster", "needs", "from"],
        rows: [...general, ...special].map((rule) => [
          rule.risk,
          rule.cluster ?? cluster ?? "all",
          rule.approver === "if possible" ? `${requireText(rule)} if possible` : requireText(rule),
          fromText(rule, policies),
        ]),
      },
      ...(general.some(({ approver }) => approver === "if possible") ? [ifPossible] : []),
      ...(policies.isLocal && general.some(({ from, risk }) => from === "default" && risk === "destructive")
        ? [howToTurnOn]
        : []),
    ],
    next: [],
  };
}

const ifPossible: Part = {
  kind: "text",
  text: "If possible: a second person is asked as soon as there is an approver who did not ask for the plan.",
};

/** How the second person is turned on in the local workspace. */
export const TURN_ON = "policy set risk=destructive require=approver";

const howToTurnOn: Part = {
  kind: "text",
  text: ["In the local workspace no second person is asked until an admin sends ", { code: TURN_ON }, "."],
};

const damagePart = (damage: string): Part => ({
  kind: "text",
  tone: "warning",
  text: `The rules can't be read, so the strictest holds for all plans. ${damage}`,
});

function fromText({ from, risk, cluster }: RuleInForce, policies: PolicyFacts): string {
  if (from === "damage") return "the damaged record";
  if (from !== "a person") return from === "POLICY" ? "the setting POLICY" : "the default";
  const rule = policies.set().find((each) => each.risk === risk && each.cluster === cluster);
  return rule === undefined ? "a person" : `${rule.by}, ${rule.at.slice(0, 16).replace("T", " ")} UTC`;
}

const titleOf = (risk: Risk, cluster: string | null): string =>
  `${risk.slice(0, 1).toUpperCase()}${risk.slice(1)} plans${cluster === null ? "" : ` on ${cluster}`}`;

/** A rule of a cluster that does not exist would protect nothing. */
function whyNoCluster(headline: string, cluster: string | undefined, { inventory }: Facts): void {
  if (cluster === undefined || inventory.clusters.some(({ name }) => name === cluster)) return;
  const existing = inventory.clusters.map(({ name }) => name);
  throw new Refusal(headline, reason("NOT_FOUND", `cluster ${cluster} does not exist`), {
    next: ["cluster list"],
    unknown: { typed: cluster, existing },
  });
}
