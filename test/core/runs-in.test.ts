import { expect, it } from "vitest";
import { type AuditEntry, type AuditEvent, runsIn } from "../../src/core/operation.ts";

const entry = (event: AuditEvent, index: number): AuditEntry => ({
  ...{ id: index + 1, at: `2026-11-29T00:00:0${index}.000Z`, by: "U1", operationId: "op-1" },
  ...{ event, previousHash: "", hash: "" },
});
const began = (stepId: string, host: string): AuditEvent => ({
  kind: "began",
  stepId,
  host,
  effect: "change",
  argv: ["true"],
});
const finished = (stepId: string, host: string, exitCode: number): AuditEvent => ({
  kind: "finished",
  stepId,
  host,
  outcome: { kind: "failed", exitCode, stderr: "" },
});

it("the runs of an operation are in the order of its plan, and not of the hosts that were first", () => {
  const entries = [
    began("step-3", "host3"),
    began("step-10", "host1"),
    began("step-2", "host2"),
    finished("step-2", "host2", 5),
    began("step-1", "host1"),
    // It failed and was run again.
    began("step-2", "host2"),
    finished("step-3", "host3", 1),
  ].map(entry);
  expect(runsIn(entries).map(({ began: { stepId }, outcome }) => [stepId, outcome])).toEqual([
    ["step-1", null],
    ["step-2", { kind: "failed", exitCode: 5, stderr: "" }],
    ["step-2", null],
    ["step-3", { kind: "failed", exitCode: 1, stderr: "" }],
    ["step-10", null],
  ]);
});
