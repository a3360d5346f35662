import { join } from "node:path";
import { z } from "zod";
import { type Review, type ReviewStore, reviewSchema } from "../core/review.ts";
import { type Closing, openJsonFile } from "./json-file.ts";

const schema = z.strictObject({ nextNumber: z.int().positive(), reviews: z.array(reviewSchema) });

/** Closed reviews that are kept. The audit log has all. */
const MOST_CLOSED = 200;

/** `reviews.json` in the data folder. A damaged file throws: an open review must not be lost unseen. */
export async function openReviewStore(directory: string): Promise<Closing<ReviewStore>> {
  const first = { nextNumber: 1, reviews: [] };
  const file = await openJsonFile(join(directory, "reviews.json"), schema, first, { checksUpdates: true });
  return {
    all: () => file.read().reviews.toReversed(),
    open: (fields) =>
      file.update((latest) => {
        const review: Review = {
          ...{ ...fields, id: `rev-${latest.nextNumber}` },
          ...{ notified: [], posting: [], unreachable: [], shown: null, isNotified: false, closed: null },
        };
        return [{ nextNumber: latest.nextNumber + 1, reviews: bounded([...latest.reviews, review]) }, review];
      }),
    change: (id, change) =>
      file.update<Review | null>((latest) => {
        const before = latest.reviews.find((review) => review.id === id);
        if (before === undefined) return [latest, null];
        const after = change(before);
        const reviews = latest.reviews.map((review) => (review === before ? after : review));
        return [{ ...latest, reviews: bounded(reviews) }, after];
      }),
    close: () => file.close(),
  };
}

function bounded(reviews: readonly Review[]): Review[] {
  const closed = reviews.filter((review) => review.closed !== null);
  const dropped = new Set(closed.slice(0, Math.max(0, closed.length - MOST_CLOSED)));
  return reviews.filter((review) => !dropped.has(review));
}
