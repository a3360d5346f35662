import type { Facts } from "../core/facts.ts";
import type { Reply } from "../core/reply.ts";
import type { Acting } from "../core/watch-facts.ts";

interface Meant {
  readonly operation: string;
}

export const approvePlan = ({ operation }: Meant, _: Facts, { approvals }: Acting): Promise<Reply> =>
  approvals.approve(operation);

export const rejectPlan = (
  { operation, reason }: Meant & { readonly reason: string },
  _: Facts,
  { approvals }: Acting,
): Promise<Reply> => approvals.reject(operation, reason);

export const breakGlassFor = (
  { operation, reason }: Meant & { readonly reason: string },
  _: Facts,
  { approvals }: Acting,
): Promise<Reply> => approvals.breakGlass(operation, reason);
