import { Undelivered } from "../core/undelivered.ts";

/** The message to change is deleted, and its place did not take a new message. */
export class MessageGone extends Undelivered {
  constructor({ place, why, fix, cause }: Undelivered) {
    super(place, why, fix, cause);
  }
}
