import type { Reply } from "./reply.ts";

/** What a second person does about a plan that waits for one. Each throws a Refusal before anything is changed. */
export interface ApprovalActs {
  approve(operationId: string): Promise<Reply>;
  /** The plan ends. `reason`: why, for all who read it. */
  reject(operationId: string, reason: string): Promise<Reply>;
  /** Does without the second person, and opens a review. */
  breakGlass(operationId: string, reason: string): Promise<Reply>;
  /** `note`: what the review found. */
  closeReview(reviewId: string, note: string): Promise<Reply>;
}
