import type { Facts } from "../core/facts.ts";
import { detailsOf, type Inline, type NextStep, type Part, type Reply } from "../core/reply.ts";
import type { Review } from "../core/review.ts";
import type { Acting } from "../core/watch-facts.ts";
import { reviewedState } from "./reviewed-state.ts";

/** Closed reviews that the list shows. */
const MOST_CLOSED = 10;

export const closeReview = (
  { review, note }: { readonly review: string; readonly note: string },
  _: Facts,
  { approvals }: Acting,
): Promise<Reply> => approvals.closeReview(review, note);

/** The button with which an admin closes it. The form asks for the note. */
export const closes = ({ id }: Review): NextStep => ({ words: `review close ${id}`, label: `Close ${id}…` });

/** Open reviews first. */
export async function reviewListReply(_: object, facts: Facts): Promise<Reply> {
  const { reviews } = facts;
  const open = reviews.all().filter(({ closed }) => closed === null);
  const closed = reviews.all().filter((review) => review.closed !== null);
  const title = open.length === 1 ? "1 open review" : `${open.length} open reviews`;
  return {
    title: open.length === 0 ? "No open review" : title,
    tone: open.length === 0 ? "good" : "warning",
    parts: [
      ...(await Promise.all(open.map((review) => reviewPart(review, facts)))),
      ...(closed.length === 0 ? [] : [closedPart(closed.slice(0, MOST_CLOSED))]),
      ...(open.length + closed.length === 0 ? [nothing] : []),
    ],
    next: open.slice(0, 3).map(closes),
  };
}

const nothing: Part = { kind: "text", text: "Nobody did without the second person of a plan." };

async function reviewPart(review: Review, facts: Facts): Promise<Part> {
  const { operationId } = review;
  const [operation, ahead] =
    operationId === null ? [null, []] : [await facts.operation(operationId), facts.ahead(operationId)];
  return {
    kind: "text",
    tone: "warning",
    text: [
      { bold: `${[review.id, ...operationOf(review)].join(": ")}, ${review.title}` },
      "\n",
      ...whatWasDone(review),
      "\n",
      ...reviewedState(review, operation, ahead).text,
      ...notReached(review),
    ],
  };
}

/** The admins who must hear of it from others. */
const notReached = ({ unreachable }: Review): Inline[] =>
  unreachable.length === 0
    ? []
    : ["\nNot notified, because Slack can't message them:", ...unreachable.flatMap(nameAfterSpace), "."];

const nameAfterSpace = (person: string): Inline[] => [" ", { person, isQuiet: true }];

const operationOf = ({ operationId }: Review): string[] => (operationId === null ? [] : [operationId]);

/** Its operation's details, if it has one. */
export const detailsOfReview = ({ operationId }: Review): NextStep[] =>
  operationId === null ? [] : [detailsOf(operationId)];

/** Who did without the second person, when and why. */
export const whatWasDone = ({ by, at, reason, away }: Review): Inline[] => [
  "Break-glass by ",
  { person: by, isQuiet: true },
  ", ",
  { at },
  `: ${reason}`,
  ...(away === null ? [] : [`. Slack could not be reached: ${away}`]),
];

const closedPart = (closed: readonly Review[]): Part => ({
  kind: "table",
  caption: "Closed",
  columns: ["review", "operation", "break-glass by", "reason", "closed by", "note"],
  rows: closed.map(({ id, operationId, by, reason, closed: end }) => [
    ...[id, operationId ?? "none", { person: by }, reason],
    ...(end === null ? ["", ""] : [{ person: end.by }, end.note]),
  ]),
});
