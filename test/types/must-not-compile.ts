/**
 * What must not happen must not compile. This file is never run: `npm run types` checks that every line under a
 * `@ts-expect-error` is indeed refused by the compiler.
 */

import { z } from "zod";
import { defineChange, defineQuery } from "../../src/core/command.ts";
import { type Click, ConfirmedPlan } from "../../src/core/confirmed-plan.ts";
import type { Demand } from "../../src/core/demand.ts";
import type { Facts } from "../../src/core/facts.ts";
import type { HostCommand, OldVersionsFallback, ReadCommand } from "../../src/core/host-command.ts";
import type { Host } from "../../src/core/inventory.ts";
import type { Plan } from "../../src/core/plan.ts";
import { reason } from "../../src/core/refusal.ts";
import { SecondPerson } from "../../src/core/second-person.ts";
import type { GuardRead, LunGuard, Step } from "../../src/core/step.ts";
import { execute } from "../../src/flow/execute.ts";
import type { World } from "../../src/flow/ports.ts";
import { createSharedVolumeGroup } from "../../src/host/lvm.ts";
import { settleDevices } from "../../src/host/udev.ts";
import { wipeSignatures } from "../../src/host/wipefs.ts";

declare const host: Host;
declare const plan: Plan;
declare const facts: Facts;
declare const world: World;
declare const fallbackForOldVersions: OldVersionsFallback;
const ignore = () => undefined;

// @ts-expect-error a step that destroys needs a guard
export const unguarded: Step = { host, command: wipeSignatures("/dev/disk/by-id/x"), why: "" };

const group = createSharedVolumeGroup({ name: "vg", tag: "t", metadataSizeMiB: 4, devices: [] });
// @ts-expect-error a step that makes a volume group needs one too: it overwrites the LUN
export const unguardedGroup: Step = { host, command: group, why: "" };

declare const guard: GuardRead;
// @ts-expect-error a LUN is overwritten only after all hosts were asked about it; another guard is not enough
export const notOfTheLun: Step = { host, command: wipeSignatures("x"), guard: [guard], why: "" };

declare const destroys: HostCommand<null, "destroy">;
declare const lunGuard: LunGuard;
// @ts-expect-error a command that destroys says what it takes away
export const losesWhat: Step = { host, command: destroys, guard: lunGuard, why: "" };

// @ts-expect-error a guard without any read guards nothing
export const emptyGuard: Step = { host, command: wipeSignatures("x"), guard: [], why: "" };

// @ts-expect-error only a read may be asked in another form than the one that was shown
export const changeInTwoForms: HostCommand<null, "change"> = { ...settleDevices, fallbackForOldVersions };

const unlimited = { effect: "read", argv: ["date"], timeoutMs: 1, exitCodes: [0], parse: () => null } as const;
// @ts-expect-error a read has the limits of what its program can print
export const withoutLimits: ReadCommand<null> = unlimited;

// @ts-expect-error also as a step
export const unlimitedStep: Step = { host, command: unlimited, why: "" };

// @ts-expect-error planning can't run what is not a read
void (() => facts.gather(host, { wipe: wipeSignatures("x") }));

// @ts-expect-error a bare plan is not confirmed
void (() => execute(plan, "op-1", world, ignore));

// @ts-expect-error nor is what looks like a confirmed one
void (() => execute({ confirmedBy: "U1" }, "op-1", world, ignore));

// @ts-expect-error nor is a cast
void (() => execute(plan as ConfirmedPlan, "op-1", world, ignore));

// @ts-expect-error it is made by confirming alone
void (() => new ConfirmedPlan(plan, "U1"));

declare const demand: Demand<true> | Demand<false>;
// @ts-expect-error a policy may ask for a second person, so its answer must be read first
void (() => SecondPerson.notAsked(demand, { digest: "" }));

declare const withApprover: Demand<true>;
// @ts-expect-error if it asks for one, the plan can't run without
void (() => SecondPerson.notAsked(withApprover, { digest: "" }));

// @ts-expect-error only a rule makes what a policy asks
void (() => SecondPerson.notAsked({ confirm: "typed", approver: false }, { digest: "" }));

declare const shown: { digest: string; expiresAt: number };
declare const click: Click;
// @ts-expect-error a plan is not confirmed without the answer about its second person
void (() => ConfirmedPlan.confirm(shown, plan, click));

// @ts-expect-error what looks like an approval is none
void (() => ConfirmedPlan.confirm(shown, plan, click, { covers: () => true }));

void (() =>
  defineQuery({
    name: "x",
    summary: "",
    args: z.strictObject({ a: z.string() }),
    // @ts-expect-error a positional argument must be in the schema
    positional: ["b"],
    examples: ["x"],
    answer: async () => ({ title: "", tone: "plain" as const, parts: [], next: [] }),
  }));

void (() =>
  defineChange({
    name: "x",
    summary: "",
    risk: "reversible",
    args: z.strictObject({ a: z.string() }),
    positional: ["a"],
    // @ts-expect-error a command without an example
    examples: [],
    plan: async () => plan,
  }));

void (() =>
  defineQuery({
    name: "x",
    summary: "",
    args: z.strictObject({ a: z.string() }),
    positional: ["a"],
    examples: ["x"],
    // @ts-expect-error arguments have the schema's types
    answer: async ({ a }: { a: number }) => ({ title: String(a), tone: "plain" as const, parts: [], next: [] }),
  }));

// @ts-expect-error an error code is one of the table
reason("LUN_IS_SAD", "it is sad");
