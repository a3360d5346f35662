import { describe, expect, it } from "vitest";
import { ConfirmedPlan, PlanChanged, PlanExpired, WrongConfirmation } from "../../src/core/confirmed-plan.ts";
import type { ReadCommand } from "../../src/core/host-command.ts";
import type { Host } from "../../src/core/inventory.ts";
import { ONE } from "../../src/core/limits.ts";
import { digestOf, type Plan } from "../../src/core/plan.ts";
import { NoSecondPerson } from "../../src/core/second-person.ts";
import { noSecrets } from "../../src/core/secret.ts";
import { guardRead } from "../../src/core/step.ts";
import { execute } from "../../src/flow/execute.ts";
import type { World } from "../../src/flow/ports.ts";
import { wipeSignatures } from "../../src/host/wipefs.ts";
import { nobodyAsked } from "../support/second-person.ts";
import { markedGuard } from "./marked-guard.ts";

const host: Host = {
  uuid: "a".repeat(32),
  name: "host-1",
  clusterUuid: "b".repeat(32),
  address: "127.0.0.1",
  port: 22,
  user: "root",
  hostKeySha256: "SHA256:x",
  sanlockHostId: null,
};
const ok: ReadCommand<null> = {
  effect: "read",
  argv: ["true"],
  timeoutMs: 1,
  limits: ONE,
  exitCodes: [0],
  parse: () => null,
};
const guard = guardRead(host, { ok }, () => null);
const wipe = { host, command: wipeSignatures("/dev/disk/by-id/x"), guard: markedGuard(guard), why: "erases ext4" };
const plan: Plan = {
  title: "Add ps-1",
  verb: "Run It",
  undo: { none: "It is a test." },
  facts: [{ kind: "table", columns: ["WWID"], rows: [["36b0"]] }],
  irreversible: ["What is on it is lost."],
  stages: [{ kind: "hosts", title: "Wipe", steps: [wipe] }],
  typedConfirmation: { expected: "bbe00a", label: "Last six characters" },
  leftOut: [],
  locks: [],
  afterwards: [],
  result: null,
};
const shown = { digest: digestOf(plan), expiresAt: 10 };
const alone = nobodyAsked(shown.digest);
const click = { by: "U1", at: 5, typed: "bbe00a", secrets: noSecrets };

describe("confirming a plan", () => {
  it("returns exactly the plan that was shown", () => {
    const confirmed = ConfirmedPlan.confirm(shown, plan, click, alone);
    expect(ConfirmedPlan.planOf(confirmed)).toBe(plan);
    expect(confirmed.confirmedBy).toBe("U1");
  });

  it.each<[string, Plan]>([
    ["a fact", { ...plan, facts: [{ kind: "table", columns: ["WWID"], rows: [["36b1"]] }] }],
    ["what is lost", { ...plan, irreversible: [] }],
    [
      "a command",
      {
        ...plan,
        stages: [{ kind: "hosts", title: "Wipe", steps: [{ ...wipe, command: wipeSignatures("/dev/disk/by-id/y") }] }],
      },
    ],
    [
      "a host's address",
      { ...plan, stages: [{ kind: "hosts", title: "Wipe", steps: [{ ...wipe, host: { ...host, port: 23 } }] }] },
    ],
    ["what is typed", { ...plan, typedConfirmation: { expected: "bbe00b", label: "" } }],
    [
      "a record",
      {
        ...plan,
        stages: [
          ...plan.stages,
          { kind: "record", title: "Claim", changes: [{ kind: "zone removed", uuid: "c".repeat(32) }] },
        ],
      },
    ],
  ])("is refused if %s has changed since it was shown", (_what, changed) => {
    expect(() => ConfirmedPlan.confirm(shown, changed, click, alone)).toThrow(PlanChanged);
  });

  it("is refused after the plan has expired", () => {
    expect(() => ConfirmedPlan.confirm(shown, plan, { ...click, at: 10 }, alone)).toThrow(PlanExpired);
  });

  it("is refused if the person typed something else, or nothing", () => {
    expect(() => ConfirmedPlan.confirm(shown, plan, { ...click, typed: "BBE00A" }, alone)).toThrow(WrongConfirmation);
    expect(() => ConfirmedPlan.confirm(shown, plan, { ...click, typed: null }, alone)).toThrow(WrongConfirmation);
  });

  it("is refused if the second person approved another plan", () => {
    const other = nobodyAsked("d".repeat(64));
    expect(() => ConfirmedPlan.confirm(shown, plan, click, other)).toThrow(NoSecondPerson);
  });

  it("never accepts a destructive plan without a question, with any risk of its command", () => {
    expect(() => ConfirmedPlan.withoutClick({ ...plan, typedConfirmation: null }, "U1")).toThrow(/must be confirmed/);
  });
});

describe("executing", () => {
  it("refuses at run time an object that only looks like a confirmed plan", async () => {
    const forged = JSON.parse('{"confirmedBy":"U1","plan":{"stages":[]}}');
    await expect(execute(forged, "op-1", {} as World, () => undefined)).rejects.toThrow(TypeError);
  });
});
