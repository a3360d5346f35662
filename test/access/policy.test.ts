import { describe, expect, it } from "vitest";
import { policySetting, requireText, ruleFor, ruleIn, ruleOf } from "../../src/access/policy.ts";
import type { PolicyFacts, PolicyRule, Risk, SetRule } from "../../src/core/policy.ts";

const at = "2026-11-30T10:00:00.000Z";

/** A rule in the words of `policy set`. */
function rule(risk: Risk, require: string, cluster: string | null = null): PolicyRule {
  const made = ruleOf(risk, require, cluster);
  if (typeof made === "string") throw new Error(made);
  return made;
}
const by = (rules: readonly PolicyRule[]): SetRule[] => rules.map((each) => ({ ...each, by: "U0ADMIN", at }));

/** `rules`: what people set. */
const policies = (given: Partial<Omit<PolicyFacts, "set">> = {}, rules: readonly PolicyRule[] = []): PolicyFacts => ({
  ...{ configured: [], isLocal: false, damage: () => null },
  ...given,
  set: () => by(rules),
});
const inForce = (found: ReturnType<typeof ruleIn>) => [found.confirm, found.approver, found.from];

describe("the words of require=", () => {
  it.each<[Risk, string, string, string]>([
    ["reversible", "nothing", "nothing", "never"],
    ["reversible", "click", "click", "never"],
    ["reversible", "typed", "typed", "never"],
    ["reversible", "approver", "click", "always"],
    ["reversible", "click+approver", "click", "always"],
    ["reversible", "typed+approver", "typed", "always"],
    ["trust", "click", "click", "never"],
    ["trust", "typed", "typed", "never"],
    ["trust", "approver", "click", "always"],
    ["trust", "click+approver", "click", "always"],
    ["trust", "typed+approver", "typed", "always"],
    ["destructive", "typed", "typed", "never"],
    ["destructive", "approver", "typed", "always"],
    ["destructive", "typed+approver", "typed", "always"],
    ["destructive", "  TYPED+Approver ", "typed", "always"],
  ])("%s=%s asks %s, and a second person %s", (risk, require, confirm, approver) => {
    expect(ruleOf(risk, require, "cluster-1")).toEqual({ risk, cluster: "cluster-1", confirm, approver });
  });

  it.each<[Risk, string]>([
    ["trust", "nothing"],
    ["destructive", "nothing"],
    ["destructive", "click"],
    ["destructive", "click+approver"],
  ])("%s=%s is less than the risk needs", (risk, require) => {
    expect(ruleOf(risk, require, null)).toBe(
      `a ${risk} plan needs at least "${risk === "trust" ? "click" : "typed"}", and "${require}" is less`,
    );
  });

  it.each([
    ...["", " ", "+", "+approver", "typed+", "approver+typed", "nothing+approver", "typed approver", "typed+typed"],
    ...["approver+approver", "typed+approver+approver", "none", "never", "typed\n+approver", "__proto__", "tуped"],
  ])("%j is none of them, for any risk", (require) => {
    for (const risk of ["reversible", "trust", "destructive"] as const) {
      expect(ruleOf(risk, require, null)).toContain("is none of nothing, click, typed");
    }
  });

  it.each(["nothing", "click", "typed", "click+approver", "typed+approver"])("%s is said as it is typed", (require) => {
    expect(requireText(rule("reversible", require))).toBe(require);
  });
});

describe("the setting POLICY", () => {
  it.each<[string, readonly PolicyRule[]]>([
    ["", []],
    [" ,\n ", []],
    ["destructive=typed", [rule("destructive", "typed")]],
    ["trust=typed,reversible=click", [rule("trust", "typed"), rule("reversible", "click")]],
    [
      "destructive=typed+approver trust=click cluster-1:trust=typed",
      [rule("destructive", "typed+approver"), rule("trust", "click"), rule("trust", "typed", "cluster-1")],
    ],
    ["a.b_c-1:reversible=approver", [rule("reversible", "click+approver", "a.b_c-1")]],
  ])("%j has these rules", (text, rules) => expect(policySetting(text)).toEqual(rules));

  it.each<[string, string]>([
    ["destructive", '"destructive" names none of reversible, trust, destructive'],
    ["destructive=", '"destructive=" names none of'],
    ["=typed", '"=typed" names none of'],
    ["risky=typed", '"risky=typed" names none of'],
    ["DESTRUCTIVE=typed", '"DESTRUCTIVE=typed" names none of'],
    ["constructor=typed", '"constructor=typed" names none of'],
    [":trust=typed", '":trust=typed" names none of'],
    ["a:b:trust=typed", '"a:b:trust=typed" names none of'],
    ["clu$ter:trust=typed", '"clu$ter:trust=typed" names none of'],
    ["trust = typed", '"trust" names none of'],
    ["trust=often", '"often" is none of nothing, click, typed'],
    ["trust=typed=approver", '"typed=approver" is none of nothing, click, typed'],
    ["destructive=click", 'a destructive plan needs at least "typed"'],
    ["cluster-1:destructive=nothing", 'a destructive plan needs at least "typed"'],
    ["trust=typed trust=click", "trust=click is there twice"],
    ["c1:trust=typed trust=click c1:trust=typed", "c1:trust=typed is there twice"],
    // One wrong word makes all of it wrong: no rule is taken silently.
    ["destructive=typed+approver trust=nothing", 'a trust plan needs at least "click"'],
  ])("%j is wrong, and says why", (text, why) => expect(policySetting(text)).toContain(why));
});

describe("the rule that holds in one cluster", () => {
  it.each<[Risk, unknown[]]>([
    ["reversible", ["nothing", "never", "default"]],
    ["trust", ["click", "never", "default"]],
    ["destructive", ["typed", "if possible", "default"]],
  ])("is the default if nobody said anything: %s", (risk, expected) => {
    expect(inForce(ruleIn(risk, "cluster-1", policies()))).toEqual(expected);
    expect(inForce(ruleIn(risk, null, policies()))).toEqual(expected);
  });

  it("asks no second person in the local workspace, until a rule says so", () => {
    expect(inForce(ruleIn("destructive", null, policies({ isLocal: true })))).toEqual(["typed", "never", "default"]);
    const asked = policies({ isLocal: true }, [rule("destructive", "approver")]);
    expect(inForce(ruleIn("destructive", null, asked))).toEqual(["typed", "always", "a person"]);
  });

  it("is that of the cluster before that of all clusters, from one source", () => {
    const configured = [rule("trust", "click"), rule("trust", "typed", "cluster-1")];
    expect(inForce(ruleIn("trust", "cluster-1", policies({ configured })))).toEqual(["typed", "never", "POLICY"]);
    expect(inForce(ruleIn("trust", "cluster-2", policies({ configured })))).toEqual(["click", "never", "POLICY"]);
    expect(inForce(ruleIn("trust", null, policies({ configured })))).toEqual(["click", "never", "POLICY"]);
  });

  it("is that of a person before POLICY, also the person's for all before POLICY's for the cluster", () => {
    const configured = [rule("destructive", "typed+approver", "cluster-1")];
    const both = policies({ configured }, [rule("destructive", "typed")]);
    expect(inForce(ruleIn("destructive", "cluster-1", both))).toEqual(["typed", "never", "a person"]);
  });

  it.each<Risk>(["reversible", "trust", "destructive"])("is the strictest while the record is damaged: %s", (risk) => {
    const damaged = policies({
      ...{ isLocal: true, damage: () => "policies.json is damaged" },
      configured: [rule(risk, "typed")],
    });
    expect(inForce(ruleIn(risk, "cluster-1", damaged))).toEqual(["typed", "always", "damage"]);
    expect(inForce(ruleFor(risk, "all", damaged))).toEqual(["typed", "always", "damage"]);
  });
});

describe("the rule of a plan on several clusters", () => {
  const configured = [
    rule("reversible", "typed", "typed-there"),
    rule("reversible", "click+approver", "approver-there"),
    rule("reversible", "click", "click-there"),
  ];
  it.each<[string, readonly string[], string]>([
    ["one cluster", ["click-there"], "click"],
    ["one without a rule", ["other"], "nothing"],
    ["one of them has a rule", ["other", "click-there"], "click"],
    ["two rules", ["click-there", "typed-there"], "typed"],
    // The strictest of each part: no cluster's rule is weakened by another's.
    ["one asks to type, another a second person", ["typed-there", "approver-there"], "typed+approver"],
    ["all of them", ["other", "click-there", "approver-there", "typed-there"], "typed+approver"],
  ])("is the strictest of theirs, in any order: %s", (_, clusters, expected) => {
    for (const order of [clusters, clusters.toReversed()]) {
      expect(requireText(ruleFor("reversible", order, policies({ configured })))).toBe(expected);
    }
  });

  it("is that of all clusters for a plan on all, or on none", () => {
    expect(requireText(ruleFor("reversible", "all", policies({ configured })))).toBe("nothing");
    expect(requireText(ruleFor("reversible", [], policies({ configured })))).toBe("nothing");
  });

  it("asks always if one cluster does, and if possible otherwise", () => {
    const always = policies({ configured: [rule("destructive", "approver", "cluster-1")] });
    expect(ruleFor("destructive", ["cluster-2", "cluster-1"], always).approver).toBe("always");
    expect(ruleFor("destructive", ["cluster-2", "cluster-3"], always).approver).toBe("if possible");
    const never = policies({ configured: [rule("destructive", "typed", "cluster-1")] });
    expect(ruleFor("destructive", ["cluster-1", "cluster-2"], never).approver).toBe("if possible");
    expect(ruleFor("destructive", ["cluster-1"], never).approver).toBe("never");
  });
});
