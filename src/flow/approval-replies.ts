import { TURN_ON } from "../access/policy-acts.ts";
import { type Operation, sealOf } from "../core/operation.ts";
import type { Inline, NextStep, Part, Reply } from "../core/reply.ts";
import { isGroup, roleText } from "../core/role.ts";
import type { Buttons, World } from "./ports.ts";
import { type Asked, approverOf } from "./second-person.ts";

/** More mentions would fill the line. Each person with the role may approve. */
const MOST_MENTIONED = 5;

/** The users and groups that are asked: those who have the role itself, or else the admins. */
function mentioned({ askedBy, second }: Operation, { permission }: Pick<World, "permission">): readonly Inline[] {
  if (second === null) return [];
  const { clusters } = second;
  const ofAll = permission.holders(approverOf(clusters));
  // Nobody was given it for all of the clusters at once: then it may be a member of several groups.
  const ofOne = () => (clusters === "all" ? [] : clusters.flatMap((each) => permission.holders(approverOf([each]))));
  const holders = (ofAll.length > 0 ? ofAll : ofOne()).filter(({ who }) => who !== askedBy);
  const own = holders.filter(({ role }) => role === "approver");
  const ids = [...new Set((own.length > 0 ? own : holders).map(({ who }) => who))].slice(0, MOST_MENTIONED);
  return ids.flatMap((id, index): Inline[] => [
    ...(index === 0 ? [] : [", "]),
    isGroup(id) ? { group: id } : { person: id },
  ]);
}

/** What the policy asks, as the plan shows it. */
export function waitingParts(operation: Operation, asked: Asked, world: Pick<World, "permission">): Part[] {
  const { second } = operation;
  if (second !== null) return [waitingPart(operation, world), ...(asked.couldApprove ? [] : [nobodyPart(asked)])];
  return asked.demand.lacksPeople ? [nobodyPart(asked)] : [];
}

/** How a second person is turned on in the local workspace. In the plan's details: its message is one screen already. */
export function turnOnParts({ second }: Operation, { demand, rule }: Asked): Part[] {
  if (second !== null || demand.lacksPeople || rule.risk !== "destructive" || rule.from !== "default") return [];
  return [{ kind: "text", text: ["No second person approves it. An admin turns that on: ", { code: TURN_ON }] }];
}

function waitingPart(operation: Operation, world: Pick<World, "permission">): Part {
  const people = mentioned(operation, world);
  const text: Inline[] = [{ bold: "Waiting for an approver" }, ...(people.length === 0 ? [] : [": ", ...people]), "."];
  return { kind: "text", tone: "warning", text };
}

const nobodyPart = ({ clusters, demand }: Asked): Part => ({
  kind: "text",
  tone: "warning",
  text: demand.approver
    ? `Nobody else is ${roleText(approverOf(clusters))} now, so nobody can approve it.`
    : `No second person approves it: nobody else is ${roleText(approverOf(clusters))}.`,
});

/** The buttons of the second person. */
export const decisions = ({ id }: Pick<Operation, "id">): NextStep[] => [
  { words: `approve ${id}`, label: "Approve" },
  { words: `reject ${id}`, label: "Reject…" },
];

/** The plan with what the policy asks. It waits for an approver, or for its confirmation. */
export const withSecondPerson = (reply: Reply, parts: readonly Part[], next: readonly NextStep[]): Reply => ({
  ...reply,
  parts: [...parts, ...reply.parts],
  next: [...reply.next, ...next],
});

/** The plan after its second person decided. */
export function approvedParts({ second }: Operation): Part[] {
  const given = second?.given ?? null;
  if (given === null) return [];
  const { kind, by, at, reason } = given;
  const who: Inline[] = [{ person: by, isQuiet: true }, ", ", { at, shows: "clock" }];
  if (kind === "approved") return [{ kind: "text", tone: "good", text: ["Approved by ", ...who, "."] }];
  return [
    { kind: "text", tone: "bad", text: [{ bold: "BREAK-GLASS, no second person" }, ": ", ...who, `: ${reason}`] },
  ];
}

/** For a plan that was shown before the bot's last start. */
export const planOnRecord = (operation: Operation): Reply => ({
  title: operation.title,
  tone: "warning",
  parts: [
    ...(operation.form?.summary ?? []).map((text): Part => ({ kind: "text", text })),
    { kind: "text", text: ["Confirm before ", { at: operation.expiresAt, shows: "clock" }, "."] },
  ],
  ...(operation.shown.length > 0 && {
    details: { title: "The plan", parts: [{ kind: "code", lines: operation.shown } as const] },
  }),
  next: [],
});

/** To the asker, in the plan's thread. */
export const approvedNotice = ({ id, askedBy, expiresAt }: Operation, by: string): Reply => ({
  title: `${id} is approved`,
  tone: "good",
  parts: [
    {
      kind: "text",
      text: [
        { person: by, isQuiet: true },
        " approved it. ",
        { person: askedBy },
        ", confirm it before ",
        { at: expiresAt, shows: "clock" },
        ".",
      ],
    },
  ],
  next: [],
});

export const rejectedNotice = ({ id, askedBy }: Operation, by: string, reason: string): Reply => ({
  title: `${id} is rejected`,
  tone: "warning",
  parts: [
    { kind: "text", text: [{ person: askedBy }, ", ", { person: by, isQuiet: true }, ` rejected it: ${reason}`] },
  ],
  next: [],
});

export const buttonsOf = (operation: Operation, warning: string | null): Buttons => {
  const { id: operationId, verb, form, second } = operation;
  const isWaiting = second !== null && second.given === null;
  const waits = isWaiting ? { waits: { until: operation.expiresAt } } : {};
  return { operationId, seal: sealOf(operation) ?? "", verb, warning, form, ...waits };
};
