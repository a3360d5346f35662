import { describe, expect, it } from "vitest";
import { auditExportReply } from "../../src/core/audit-export.ts";
import { auditReply } from "../../src/core/audit-reply.ts";
import { auditShowReply } from "../../src/core/audit-show.ts";
import type { Facts } from "../../src/core/facts.ts";
import { emptyInventory } from "../../src/core/inventory.ts";
import type { AuditEntry, AuditEvent, Operation } from "../../src/core/operation.ts";
import { operationListReply, operationReply } from "../../src/core/operation-reply.ts";
import { type Part, plainLines, type Reply } from "../../src/core/reply.ts";
import { planned } from "../store/samples.ts";

const digest = "d".repeat(64);
const link = "https://example.slack.com/archives/C1/p1";
const plan: AuditEvent = {
  ...{ kind: "planned", words: "sharedblock add", digest, risk: "destructive" },
  plan: ["wipefs --all -- /dev/sdb"],
};
const confirmed: AuditEvent = { kind: "confirmed", digest, link };
const ended = (state: "done" | "refused"): AuditEvent => ({ kind: "ended", state, result: "over" });

type Line = readonly [by: string, event: AuditEvent];

/** The log of one operation, a minute between two entries, and what the bot keeps of it. */
function factsOf(lines: readonly Line[], kept: Partial<Operation> | null = null): Facts {
  const entries = lines.map(([by, event], index): AuditEntry => {
    const at = `2026-11-30T02:0${index}:00.000Z`;
    return { ...{ id: index + 1, at, by, operationId: "op-7", event }, previousHash: "", hash: `${index}` };
  });
  const operation = kept === null ? null : { ...planned, id: "op-7", nonce: "n", ...kept };
  async function* latestFirst() {
    yield* entries.toReversed();
  }
  async function* grouped() {
    yield entries.toReversed();
  }
  return {
    inventory: emptyInventory,
    now: () => Date.parse("2026-11-30T03:00:00.000Z"),
    operation: async () => operation,
    operations: async () => (operation === null ? [] : [operation]),
    audit: { of: async () => entries, backwards: latestFirst, operations: grouped },
  } as unknown as Facts;
}
const captionOf = (part: Part): string[] => ("caption" in part && part.caption ? [part.caption] : []);
const textOf = ({ title, parts }: Reply): string =>
  [title, ...parts.flatMap((part) => [...captionOf(part), ...plainLines([part])])].join("\n");
const contentOf = ({ files = [] }: Reply, file: string): string =>
  String(files.find(({ name }) => name === file)?.content);
const shown = async (lines: readonly Line[]) => textOf(await auditShowReply({ id: "op-7" }, factsOf(lines)));

const approved: readonly Line[] = [
  ["U1", plan],
  ["U2", { kind: "approved", digest }],
  ["U1", confirmed],
  ["U1", ended("done")],
];
const rejected: readonly Line[] = [
  ["U1", plan],
  ["U2", { kind: "rejected", digest, reason: "still needed" }],
  ["U2", ended("refused")],
];
const broken: readonly Line[] = [
  ["U1", plan],
  ["U1", { kind: "break-glass", digest, reason: "nobody answers" }],
  ["U1", confirmed],
  ["U1", ended("done")],
];

describe("audit show", () => {
  it("has who asked, who approved, who confirmed, the message and the plan as confirmed", async () => {
    const text = await shown(approved);
    expect(text).toMatch(
      /asked by: @U1 at .*02:00.*\napproved by: @U2 at .*02:01.*\nconfirmed by: @U1 at .*02:02.*\nmessage: https:/,
    );
    expect(text).toContain("The plan as confirmed");
    expect(text).not.toContain("BREAK-GLASS");
  });

  it("has who rejected the plan and why, and that nobody confirmed it", async () => {
    const text = await shown(rejected);
    expect(text).toMatch(/rejected by: @U2 at .*: still needed\nconfirmed by: nobody/);
    expect(text).not.toContain("as confirmed");
  });

  it("begins with a break-glass, and has who did without an approver and why", async () => {
    const text = await shown(broken);
    expect(text.split("\n")[1]).toContain("BREAK-GLASS: no second person approved it");
    expect(text).toMatch(/BREAK-GLASS by: @U1 at .*: nobody answers\nconfirmed by: @U1/);
  });

  it("has all decisions if two people decided in the same moment", async () => {
    const text = await shown([...rejected.slice(0, 2), ["U3", { kind: "approved", digest }], ...rejected.slice(2)]);
    expect(text).toMatch(/rejected by: @U2.*\napproved by: @U3/);
  });
});

describe("operation show", () => {
  const second = (given: NonNullable<Operation["second"]>["given"]) => ({
    second: { clusters: "all" as const, given },
  });
  const of = async (lines: readonly Line[], kept: Partial<Operation>) =>
    textOf(await operationReply({ id: "op-7" }, factsOf(lines, kept)));

  it("has the decision of the log, which is all that is kept of a rejection", async () => {
    expect(await of(rejected, { ...second(null), state: "refused" })).toMatch(/rejected by: @U2 at .*: still needed/);
    const given = { kind: "break-glass" as const, by: "U1", at: "2026-11-30T02:01:00.000Z", digest, reason: "r" };
    const text = await of(broken, { ...second(given), state: "done" });
    expect(text).toMatch(/BREAK-GLASS by: @U1 at .*: nobody answers/);
    expect(text.split("\n")[1]).toContain("BREAK-GLASS");
  });

  it("says that nobody approved it: not yet if it still waits", async () => {
    expect(await of([["U1", plan]], { ...second(null), state: "planned" })).toContain("approved by: nobody yet");
    expect(await of([["U1", plan]], { ...second(null), state: "expired" })).toMatch(/approved by: nobody$/m);
    expect(await of([["U1", plan]], { second: null, state: "planned" })).not.toContain("approved by");
  });
});

describe("lists and files of operations", () => {
  it("have who approved, rejected or did without an approver", async () => {
    const listed = async (lines: readonly Line[]) =>
      textOf(await auditReply({ last: 20, steps: false }, factsOf(lines)));
    expect(await listed(approved)).toContain("approved by @U2 · confirmed by @U1");
    expect(await listed(rejected)).toContain("rejected by @U2");
    expect(await listed(broken)).toContain("BREAK-GLASS by @U1 · confirmed by @U1");
    const given = { kind: "approved" as const, by: "U2", at: "2026-11-30T02:01:00.000Z", digest, reason: null };
    const kept = factsOf([], { second: { clusters: "all", given } });
    expect(textOf(await operationListReply({ last: 20 }, kept))).toContain("approved by @U2");
  });

  it("have their reasons in the entries of audit list", async () => {
    const entries = async (lines: readonly Line[]) =>
      textOf(await auditReply({ last: 20, steps: true }, factsOf(lines)));
    expect(await entries(approved)).toContain("approved the plan dddddddddddd");
    expect(await entries(rejected)).toContain("rejected the plan dddddddddddd: still needed");
    expect(await entries(broken)).toMatch(/BREAK-GLASS.*: nobody answers/);
  });

  it("have columns for them in audit export", async () => {
    const rowOf = async (lines: readonly Line[]): Promise<Record<string, unknown>> => {
      return JSON.parse(contentOf(await auditExportReply({ steps: false }, factsOf(lines)), "audit.jsonl"));
    };
    const none = { approvedBy: null, rejectedBy: null, breakGlassBy: null, reason: null };
    expect(await rowOf(approved)).toMatchObject({ ...none, approvedBy: "U2", confirmedBy: "U1", link });
    expect(await rowOf(rejected)).toMatchObject({ ...none, rejectedBy: "U2", reason: "still needed" });
    expect(await rowOf(broken)).toMatchObject({ ...none, breakGlassBy: "U1", reason: "nobody answers" });
    const csv = contentOf(await auditExportReply({ steps: false }, factsOf(rejected)), "audit.csv");
    const [head, row] = csv.split("\r\n");
    const at = head?.split(",").indexOf("rejectedBy") ?? -1;
    expect(row?.split(",").slice(at, at + 3)).toEqual(["U2", "", "still needed"]);
  });
});
