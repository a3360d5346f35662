import { describe, expect, it } from "vitest";
import { ConfirmedPlan, WrongConfirmation } from "../../src/core/confirmed-plan.ts";
import { digestOf, type Plan } from "../../src/core/plan.ts";
import { noSecrets, secretProblem, withoutSecrets } from "../../src/core/secret.ts";
import { nobodyAsked } from "../support/second-person.ts";

const plan: Plan = {
  title: "Log in",
  verb: "Run It",
  undo: { none: "It is a test." },
  facts: [],
  irreversible: [],
  stages: [],
  typedConfirmation: null,
  secrets: [{ name: "chap", label: "CHAP secret of zstack" }],
  leftOut: [],
  locks: [],
  afterwards: [],
  result: null,
};
const shown = { digest: digestOf(plan), expiresAt: 10 };
const alone = nobodyAsked(shown.digest);
const click = { by: "U1", at: 5, typed: null };

describe("a secret", () => {
  it("is one line of ASCII without spaces at its ends", () => {
    for (const good of ["x", "an-Array2-secret", "two words", `a\\"'$`, "y".repeat(255)]) {
      expect(secretProblem(good)).toBeNull();
    }
    for (const bad of [undefined, "", " x", "x ", "a\nb", "päss", "tab\t", "z".repeat(256)]) {
      expect(secretProblem(bad)).toContain("1 to 255");
    }
  });

  it("is part of the confirmation, and its question is part of the digest", () => {
    const secrets = new Map([["chap", "s3cret"]]);
    expect(ConfirmedPlan.secretsOf(ConfirmedPlan.confirm(shown, plan, { ...click, secrets }, alone))).toBe(secrets);
    expect(() => ConfirmedPlan.confirm(shown, plan, { ...click, secrets: noSecrets }, alone)).toThrow(
      WrongConfirmation,
    );
    expect(() =>
      ConfirmedPlan.confirm(shown, plan, { ...click, secrets: new Map([["chap", " s3cret"]]) }, alone),
    ).toThrow(/^CHAP secret of zstack: (?!.*s3cret)/);
    expect(() => ConfirmedPlan.withoutClick(plan, "U1")).toThrow(/must be confirmed/);
    expect(digestOf({ ...plan, secrets: [] })).not.toBe(digestOf(plan));
  });

  it("is removed from a program's output at any place", () => {
    const secrets = new Map([["chap", "a+b"]]);
    expect(withoutSecrets("bad a+b, no a+b here", secrets)).toBe("bad <secret>, no <secret> here");
  });
});
